package photo

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names of the user metadata of an original: S3 keeps each as a header x-amz-meta-NAME. The values are US-ASCII, as a
// header must be.
const (
	MetaOwner       = "owner"       // subject of the token it was uploaded with, percent-encoded
	MetaName        = "name"        // file name, percent-encoded
	MetaMetadata    = "metadata"    // the uploader's own metadata, as a query string
	MetaLimits      = "limits"      // the Limits that its token promised
	MetaTraceparent = "traceparent" // trace context of the token: https://www.w3.org/TR/trace-context/#traceparent-header
)

const (
	// MaxUserMetadata is the maximum size of all user metadata of an original, as [UserMetadataBytes] counts it: S3 takes
	// 2 KB. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html.
	MaxUserMetadata = 2048
	// MaxName is the maximum length of a file name in bytes of UTF-8: that of most file systems.
	MaxName = 255
	// MaxPairs is the maximum number of pairs of an uploader's metadata.
	MaxPairs = 20
	// MaxPairValue is the maximum length of a value in bytes of UTF-8.
	MaxPairValue = 1024
)

var pairKey = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Labels are what an uploader said about an original. They are untrusted text: whoever shows them must escape them.
type Labels struct {
	// Name is the name of the file, for people. It is 1 to MaxName bytes long, or empty if there is none, and holds no
	// control characters. It may hold slashes: it is no path.
	Name string `json:"name,omitempty"`
	// Metadata has at most MaxPairs pairs. A key has 1 to 64 characters of A-Z, a-z, 0-9, dot, underscore and hyphen, and
	// a value up to MaxPairValue bytes without control characters.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// Validate returns an error that says which label breaks a limit, and what would be right.
func (l Labels) Validate() error {
	if len(l.Name) > MaxName {
		return fmt.Errorf("name is %d bytes long in UTF-8: want at most %d", len(l.Name), MaxName)
	}
	if err := checkText(l.Name); err != nil {
		return fmt.Errorf("name %w", err)
	}
	if len(l.Metadata) > MaxPairs {
		return fmt.Errorf("metadata has %d pairs: want at most %d", len(l.Metadata), MaxPairs)
	}
	for _, key := range slices.Sorted(maps.Keys(l.Metadata)) {
		value := l.Metadata[key]
		switch err := checkText(value); {
		case !pairKey.MatchString(key):
			return fmt.Errorf("metadata has the key %.80q: want 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen", key)
		case len(value) > MaxPairValue:
			return fmt.Errorf("metadata.%s is %d bytes long in UTF-8: want at most %d", key, len(value), MaxPairValue)
		case err != nil:
			return fmt.Errorf("metadata.%s %w", key, err)
		}
	}
	return nil
}

// valid returns the labels, without those that Validate refuses.
func (l Labels) valid() Labels {
	if (Labels{Name: l.Name}).Validate() != nil {
		l.Name = ""
	}
	if len(l.Metadata) == 0 || (Labels{Metadata: l.Metadata}).Validate() != nil {
		l.Metadata = nil
	}
	return l
}

// checkText returns an error for characters that affect whatever shows the text: control characters, separators of
// lines, and those that change the direction of the text around them.
func checkText(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("is not valid UTF-8")
	}
	for _, r := range s {
		if unicode.IsControl(r) || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff {
			return fmt.Errorf("has the control character %U: leave it out", r)
		}
	}
	return nil
}

// UserMetadata returns the user metadata that says who owns an original, and its labels.
func (l Labels) UserMetadata(owner string) map[string]string {
	m := map[string]string{MetaOwner: url.PathEscape(owner)}
	if l.Name != "" {
		m[MetaName] = url.PathEscape(l.Name)
	}
	if len(l.Metadata) > 0 {
		q := url.Values{}
		for key, value := range l.Metadata {
			q.Set(key, value)
		}
		m[MetaMetadata] = q.Encode()
	}
	return m
}

// ParseUserMetadata returns the owner and the labels that the user metadata of an original holds. Anyone with write
// access to the bucket may have written it, so it leaves out what no token can have written.
func ParseUserMetadata(m map[string]string) (owner string, l Labels) {
	owner, err := url.PathUnescape(m[MetaOwner])
	if err != nil {
		owner = ""
	}
	if name, err := url.PathUnescape(m[MetaName]); err == nil {
		l.Name = name
	}
	if q, err := url.ParseQuery(m[MetaMetadata]); err == nil && len(m[MetaMetadata]) <= MaxUserMetadata {
		l.Metadata = make(map[string]string, len(q))
		for key, values := range q {
			l.Metadata[key] = strings.Join(values, ", ") // a token has each key once
		}
	}
	return owner, l.valid()
}

// UserMetadataBytes returns the size of user metadata: that of the headers' names and values.
func UserMetadataBytes(m map[string]string) (n int) {
	for name, value := range m {
		n += len("x-amz-meta-") + len(name) + len(value)
	}
	return n
}
