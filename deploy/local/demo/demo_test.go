package demo_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"darkroom/deploy/client"
	"darkroom/deploy/local/demo"
	"darkroom/deploy/local/samples"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"

	"github.com/disintegration/imaging"
)

// system is a minimal Darkroom in memory that can make mistakes.
type system struct {
	mu      sync.Mutex
	objects map[string][]byte
	ids     int

	ignoreOrientation bool
	forgetThumb       bool
	extraVariant      bool
	acceptAll         bool // report ready for files that are not pictures
	misreport         bool // report a wrong size of a variant
	loseBytes         bool // serve damaged variants
}

func (s *system) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := httptest.NewRecorder()
	switch {
	case r.Method == http.MethodPost:
		s.ids++
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(contract.NewUpload{StatusURL: fmt.Sprintf("http://api/%d", s.ids), OutcomeURL: fmt.Sprintf("http://api/%d", s.ids),
			Upload: contract.Token{Method: http.MethodPut, URL: fmt.Sprintf("http://s3/%d", s.ids)}})
	case r.Method == http.MethodPut:
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.objects[r.URL.Path] = b
	case r.Host == "s3":
		w.Write(s.objects[r.URL.Path])
	default:
		json.NewEncoder(w).Encode(s.outcome(r.URL.Path))
	}
	return w.Result(), nil
}

func (s *system) outcome(path string) contract.Upload {
	m, err := imaging.Decode(bytes.NewReader(s.objects[path]), imaging.AutoOrientation(!s.ignoreOrientation))
	switch {
	case err != nil && s.acceptAll:
		return contract.Upload{State: photo.Ready}
	case err != nil:
		return contract.Upload{State: photo.Rejected, Reason: photo.ReasonUnsupported}
	}
	out := contract.Upload{State: photo.Ready, Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}
	variants := map[string]image.Image{
		"large":  imaging.Fit(m, 1600, 1600, imaging.Box),
		"medium": imaging.Fit(m, 800, 800, imaging.Box),
		"small":  imaging.Fit(m, 320, 320, imaging.Box),
	}
	if !s.forgetThumb {
		variants["thumb"] = imaging.Fill(m, 256, 256, imaging.Center, imaging.Box)
	}
	if s.extraVariant {
		variants["huge"] = m
	}
	for name, v := range variants {
		var b bytes.Buffer
		if err := imaging.Encode(&b, v, imaging.JPEG); err != nil {
			panic(err)
		}
		sum := sha256.Sum256(b.Bytes())
		variant := contract.Variant{
			Name: name, URL: "http://s3" + path + "/" + name, ContentType: "image/jpeg",
			Width: v.Bounds().Dx(), Height: v.Bounds().Dy(), Bytes: int64(b.Len()), SHA256: hex.EncodeToString(sum[:]),
		}
		if s.misreport {
			variant.Width++
		}
		if s.loseBytes {
			b.Bytes()[b.Len()/2] ^= 1
		}
		s.objects[path+"/"+name] = b.Bytes()
		out.Variants = append(out.Variants, variant)
	}
	return out
}

// few returns three small samples.
func few(t *testing.T) []samples.Sample {
	t.Helper()
	portrait, err := samples.Photo("portrait.jpg", 300, 400, 6, 1)
	if err != nil {
		t.Fatal(err)
	}
	icon, err := samples.Photo("icon.jpg", 270, 260, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	return []samples.Sample{portrait, icon, samples.Notes("notes.jpg")}
}

func TestDemo(t *testing.T) {
	list := few(t)
	for _, c := range []struct {
		name  string
		spoil func(*system)
		want  string // expected in the output; "" if everything is right
	}{
		{"all is right", func(*system) {}, ""},
		{"no orientation", func(s *system) { s.ignoreOrientation = true }, "portrait.jpg: is 400x300, should be 300x400"},
		{"no thumb", func(s *system) { s.forgetThumb = true }, "has no variant thumb"},
		{"one too many", func(s *system) { s.extraVariant = true }, "has an unexpected variant huge"},
		{"accepts all", func(s *system) { s.acceptAll = true }, "notes.jpg: is ready, should be rejected: unsupported"},
		{"wrong size", func(s *system) { s.misreport = true }, "the manifest says"},
		{"damaged", func(s *system) { s.loseBytes = true }, "digest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &system{objects: map[string][]byte{}}
			c.spoil(s)
			cl, err := client.New(client.Config{API: "http://api", Board: "demo", Tokens: client.StaticToken("x"), HTTP: &http.Client{Transport: s}})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			var out bytes.Buffer
			err = demo.Run(t.Context(), demo.Config{Client: cl, Samples: list, Dir: dir, Out: &out})
			if (err == nil) != (c.want == "") || !strings.Contains(out.String(), c.want) {
				t.Errorf("%v:\n%s", err, out.String())
			}
			if c.want != "" {
				return
			}
			if files, err := os.ReadDir(dir); err != nil || len(files) != 8 || files[0].Name() != "icon-large.jpg" {
				t.Errorf("files %v, %v", files, err)
			}
			if strings.Contains(out.String(), "WRONG") || !strings.Contains(out.String(), "thumb 256x256") {
				t.Errorf("output:\n%s", out.String())
			}
		})
	}
}
