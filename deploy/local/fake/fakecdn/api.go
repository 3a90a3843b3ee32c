package fakecdn

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"darkroom/worker/photo"
)

// The API has the parts of CloudFront's that purges use, in its XML:
//
//	POST /2020-05-31/distribution/{id}/invalidation        CreateInvalidation
//	GET  /2020-05-31/distribution/{id}/invalidation/{id}   GetInvalidation
//	GET  /2020-05-31/distribution/{id}/config              GetDistributionConfig, with the cache tags' header
//
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations.html
const apiVersion = "2020-05-31"

const namespace = "http://cloudfront.amazonaws.com/doc/" + apiVersion + "/"

// Limits of CloudFront:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html and
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-tags.html
const (
	maxInProgress = 3000 // items of all invalidations in progress
	maxWildcards  = 15   // those of them that end in *
	maxTag        = 256  // characters of a tag
	maxTagsStored = 50   // tags of an answer; others are ignored
)

// invalidation is a purge.
type invalidation struct {
	id        string
	reference string
	items     []string
	begun     time.Time
	applied   bool
}

// batch is the XML of an InvalidationBatch.
type batch struct {
	XMLName         xml.Name `xml:"InvalidationBatch"`
	CallerReference string   `xml:"CallerReference"`
	Quantity        int      `xml:"Paths>Quantity"`
	Items           []string `xml:"Paths>Items>Path"`
}

func (d *CDN) routes() http.Handler {
	mux := http.NewServeMux()
	prefix := "/" + apiVersion + "/distribution/{distribution}/"
	mux.HandleFunc("POST "+prefix+"invalidation", d.authorized(d.create))
	mux.HandleFunc("GET "+prefix+"invalidation/{invalidation}", d.authorized(d.get))
	mux.HandleFunc("GET "+prefix+"config", d.authorized(d.config))
	return mux
}

// authorized refuses requests without a signature, which it does not check, and those for another distribution.
func (d *CDN) authorized(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "):
			fail(w, http.StatusForbidden, "MissingAuthenticationToken", "The request has no signature.")
		case r.PathValue("distribution") != d.cfg.Distribution:
			fail(w, http.StatusNotFound, "NoSuchDistribution", "The specified distribution does not exist.")
		default:
			h(w, r)
		}
	}
}

// create begins a purge.
func (d *CDN) create(w http.ResponseWriter, r *http.Request) {
	var b batch
	if err := xml.NewDecoder(io.LimitReader(r.Body, 4<<20)).Decode(&b); err != nil {
		fail(w, http.StatusBadRequest, "MalformedInput", "The body is not an InvalidationBatch.")
		return
	}
	if why := b.invalid(); why != "" {
		fail(w, http.StatusBadRequest, "InvalidArgument", why)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.applyPurges()
	items, wildcards := len(b.Items), countWildcards(b.Items)
	for _, p := range d.purges {
		if p.reference == b.CallerReference {
			if !slices.Equal(p.items, b.Items) {
				fail(w, http.StatusBadRequest, "InvalidationBatchAlreadyExists", "Another batch has this reference.")
				return
			}
			write(w, http.StatusCreated, p.xml())
			return
		}
		if !p.applied {
			items, wildcards = items+len(p.items), wildcards+countWildcards(p.items)
		}
	}
	if items > maxInProgress || wildcards > maxWildcards {
		fail(w, http.StatusBadRequest, "TooManyInvalidationsInProgress", "Processing your request will cause you to exceed the maximum number of in-progress invalidations.")
		return
	}
	d.next++
	p := &invalidation{id: fmt.Sprintf("I%013d", d.next), reference: b.CallerReference, items: b.Items, begun: time.Now()}
	d.purges[p.id] = p
	w.Header().Set("Location", r.URL.Path+"/"+p.id)
	write(w, http.StatusCreated, p.xml())
}

// invalid returns why a batch is refused, or "".
func (b batch) invalid() string {
	switch {
	case b.CallerReference == "":
		return "CallerReference is missing."
	case b.Quantity != len(b.Items) || len(b.Items) == 0:
		return "Quantity differs from the number of items."
	}
	for _, item := range b.Items {
		tag, isTag := strings.CutPrefix(item, "#")
		switch {
		case !isTag && !strings.HasPrefix(item, "/"):
			return "An item begins with neither / nor #."
		case isTag && (tag == "" || len(tag) > maxTag || strings.ContainsFunc(tag, func(c rune) bool { return c < 33 || c > 126 || c == ',' })):
			return "A tag has characters or a length that it may not have."
		}
	}
	return ""
}

func countWildcards(items []string) (n int) {
	for _, item := range items {
		if strings.HasSuffix(item, "*") && !strings.HasPrefix(item, "#") {
			n++
		}
	}
	return n
}

// get answers with a purge.
func (d *CDN) get(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.applyPurges()
	p := d.purges[r.PathValue("invalidation")]
	if p == nil {
		fail(w, http.StatusNotFound, "NoSuchInvalidation", "The specified invalidation does not exist.")
		return
	}
	write(w, http.StatusOK, p.xml())
}

// applyPurges removes from the cache what completed purges match.
func (d *CDN) applyPurges() {
	for _, p := range d.purges {
		if p.applied || time.Since(p.begun) < d.cfg.Delay {
			continue
		}
		p.applied = true
		for key, e := range d.cached {
			if !e.stored.After(p.begun) && p.matches(key, e) {
				d.forget(key)
			}
		}
	}
}

// matches reports whether a purge removes an answer.
func (p *invalidation) matches(key string, e *entry) bool {
	tags := strings.Split(e.Header.Get(photo.CacheTagHeader), ",")
	tags = tags[:min(len(tags), maxTagsStored)]
	return slices.ContainsFunc(p.items, func(item string) bool {
		if tag, ok := strings.CutPrefix(item, "#"); ok {
			return slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(strings.TrimSpace(t), tag) })
		}
		if prefix, ok := strings.CutSuffix(item, "*"); ok {
			return strings.HasPrefix("/"+key, prefix)
		}
		return item == "/"+key
	})
}

// config answers with the part of the distribution's configuration that names the header with the cache tags.
func (d *CDN) config(w http.ResponseWriter, _ *http.Request) {
	type tagConfig struct {
		HeaderName string `xml:"HeaderName"`
	}
	w.Header().Set("ETag", "E1")
	write(w, http.StatusOK, struct {
		XMLName        xml.Name  `xml:"DistributionConfig"`
		Namespace      string    `xml:"xmlns,attr"`
		CacheTagConfig tagConfig `xml:"CacheTagConfig"`
	}{Namespace: namespace, CacheTagConfig: tagConfig{photo.CacheTagHeader}})
}

// xml returns the Invalidation in the form of the API.
func (p *invalidation) xml() any {
	status := "InProgress"
	if p.applied {
		status = "Completed"
	}
	return struct {
		XMLName    xml.Name  `xml:"Invalidation"`
		Namespace  string    `xml:"xmlns,attr"`
		ID         string    `xml:"Id"`
		Status     string    `xml:"Status"`
		CreateTime time.Time `xml:"CreateTime"`
		Batch      batch
	}{Namespace: namespace, ID: p.id, Status: status, CreateTime: p.begun.UTC(), Batch: batch{CallerReference: p.reference, Quantity: len(p.items), Items: p.items}}
}

// fail answers with an error in the form of the API.
func fail(w http.ResponseWriter, status int, code, message string) {
	type fault struct {
		Type, Code, Message string
	}
	write(w, status, struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Error     fault
		RequestID string `xml:"RequestId"`
	}{Namespace: namespace, Error: fault{"Sender", code, message}, RequestID: "local"})
}

// write answers with XML.
func write(w http.ResponseWriter, status int, v any) {
	b, err := xml.Marshal(v)
	if err != nil { // the values are text that this package or a client's XML has made
		panic(err)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), b...))
}
