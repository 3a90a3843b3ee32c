package check

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/disintegration/imaging"

	"darkroom/deploy/local/samples"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/system"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// memory is a bucket in memory.
type memory map[string][]byte

// broken is the content of an object that cannot be read.
var broken = []byte("broken")

func (m memory) Get(_ context.Context, key string) ([]byte, string, error) {
	b, ok := m[key]
	if bytes.Equal(b, broken) {
		return nil, "", fmt.Errorf("get %s: %w", key, system.ErrUnreadable)
	}
	if !ok {
		return nil, "", system.ErrNoObject
	}
	return b, etag(b), nil
}

func (m memory) List(_ context.Context, prefix string) ([]string, error) {
	keys := slices.Sorted(maps.Keys(m))
	return slices.DeleteFunc(keys, func(k string) bool { return !strings.HasPrefix(k, prefix) }), nil
}

func etag(b []byte) string { return fmt.Sprintf("%q", fmt.Sprintf("%x", md5.Sum(b))) }

// world is what S3 and the API hold after a good run with a ready, a rejected and a removed photo.
type world struct {
	originals, variants      memory
	ready, rejected, removed *load.Upload
	tombstone                *load.Upload // removed with the API
	api                      map[string]contract.Upload
}

func (w *world) uploads() []*load.Upload {
	return []*load.Upload{w.ready, w.rejected, w.removed, w.tombstone}
}

func (w *world) State(_ context.Context, url string) (contract.Upload, error) {
	out, ok := w.api[url]
	if !ok {
		return out, errors.New("404")
	}
	return out, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{originals: memory{}, variants: memory{}, api: map[string]contract.Upload{}}
	add := func(name string, s samples.Sample, err error) *load.Upload {
		if err != nil {
			t.Fatal(err)
		}
		u := &load.Upload{Ref: photo.Ref{Board: "cats", ID: photo.NewID()}, Want: s, StatusURL: name}
		w.originals[u.Ref.Key()] = s.Bytes
		w.api[name] = contract.Upload{State: s.State, Reason: s.Reason}
		w.process(t, u)
		return u
	}
	good, err := samples.Photo("a.jpg", 400, 300, 6, 1)
	w.ready = add("ready", good, err)
	bad, err := samples.SmallBad(0)
	w.rejected = add("rejected", bad, err)
	gone, err := samples.Small(9)
	w.removed = add("removed", gone, err)
	w.removed.Remove = true
	w.api["removed"] = contract.Upload{State: photo.Awaiting}
	gone, err = samples.Small(10)
	w.tombstone = add("tombstone", gone, err)
	w.tombstone.Removal.Requests = 1
	w.api["tombstone"] = contract.Upload{State: photo.Removed}
	for _, u := range []*load.Upload{w.removed, w.tombstone} {
		delete(w.originals, u.Ref.Key())
		for key := range w.variants {
			if strings.HasPrefix(key, u.Ref.Prefix()) {
				delete(w.variants, key)
			}
		}
	}
	w.write(t, &photo.Manifest{Version: 1, Board: "cats", ID: w.tombstone.Ref.ID, State: photo.Removed})
	return w
}

// process does what a worker does with a photo.
func (w *world) process(t *testing.T, u *load.Upload) {
	t.Helper()
	original := w.originals[u.Ref.Key()]
	m := photo.Manifest{Version: 1, Board: u.Ref.Board, ID: u.Ref.ID, State: u.Want.State, Reason: u.Want.Reason,
		Source: photo.Source{Bytes: int64(len(original)), ETag: etag(original)}}
	if m.State == photo.Ready {
		m.Photo = &photo.Info{Format: photo.JPEG, Width: u.Want.Width, Height: u.Want.Height}
		picture, err := imaging.Decode(bytes.NewReader(original), imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range samples.Boxes {
			size := b.Size(u.Want.Width, u.Want.Height)
			w.add(t, &m, b.Name, imaging.Fill(picture, size.X, size.Y, imaging.Center, imaging.Box))
		}
	}
	w.write(t, &m)
}

// add stores a variant and lists it in the manifest.
func (w *world) add(t *testing.T, m *photo.Manifest, name string, picture image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	sum := sha(b.Bytes())
	v := photo.Variant{Name: name, Key: m.Ref().VariantKey(name, sum, photo.JPEG), ContentType: "image/jpeg",
		Width: picture.Bounds().Dx(), Height: picture.Bounds().Dy(), Bytes: int64(b.Len()), SHA256: sum}
	m.Variants = append(m.Variants, v)
	w.variants[v.Key] = b.Bytes()
}

func (w *world) write(t *testing.T, m *photo.Manifest) {
	t.Helper()
	text, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	w.variants[m.Ref().ManifestKey()] = text
}

func (w *world) manifest(t *testing.T, u *load.Upload) *photo.Manifest {
	t.Helper()
	m, err := photo.ParseManifest(u.Ref, w.variants[u.Ref.ManifestKey()])
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// rewrite changes the manifest of the ready photo.
func (w *world) rewrite(t *testing.T, change func(*photo.Manifest)) {
	t.Helper()
	m := w.manifest(t, w.ready)
	change(m)
	w.write(t, m)
}

// TestCheckFindsPlantedFaults breaks a good result in many ways, one by one.
func TestCheckFindsPlantedFaults(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, w *world)
		want  []Fault
	}{
		"nothing":                         {func(t *testing.T, w *world) {}, nil},
		"no manifest":                     {func(t *testing.T, w *world) { delete(w.variants, w.rejected.Ref.ManifestKey()) }, []Fault{Lost}},
		"no original":                     {func(t *testing.T, w *world) { delete(w.originals, w.ready.Ref.Key()) }, []Fault{Lost}},
		"no variant":                      {func(t *testing.T, w *world) { delete(w.variants, w.manifest(t, w.ready).Variants[2].Key) }, []Fault{Lost}},
		"a flipped byte":                  {func(t *testing.T, w *world) { flip(w.variants, w.manifest(t, w.ready).Variants[0].Key) }, []Fault{Corrupt}},
		"a cut variant":                   {func(t *testing.T, w *world) { cut(w.variants, w.manifest(t, w.ready).Variants[0].Key) }, []Fault{Corrupt}},
		"an original that cannot be read": {func(t *testing.T, w *world) { w.originals[w.ready.Ref.Key()] = broken }, []Fault{Corrupt}},
		"a manifest that cannot be read":  {func(t *testing.T, w *world) { w.variants[w.ready.Ref.ManifestKey()] = broken }, []Fault{Corrupt}},
		"two variants that cannot be read": {func(t *testing.T, w *world) {
			for _, v := range w.manifest(t, w.ready).Variants[:2] {
				w.variants[v.Key] = broken
			}
		}, []Fault{Corrupt, Corrupt}},
		"an original that cannot be read, and more": {func(t *testing.T, w *world) {
			w.originals[w.ready.Ref.Key()] = broken
			delete(w.variants, w.manifest(t, w.ready).Variants[0].Key)
			delete(w.variants, w.rejected.Ref.ManifestKey())
		}, []Fault{Corrupt, Lost, Lost}},
		"the API does not answer": {func(t *testing.T, w *world) { delete(w.api, "ready"); w.api["rejected"] = contract.Upload{} }, []Fault{Wrong, Wrong}},
		"a cut manifest":          {func(t *testing.T, w *world) { cut(w.variants, w.ready.Ref.ManifestKey()) }, []Fault{Corrupt}},
		"another's bytes":         {func(t *testing.T, w *world) { w.originals[w.ready.Ref.Key()] = w.rejected.Want.Bytes }, []Fault{Corrupt, Stale}},
		"a variant that does not decode": {func(t *testing.T, w *world) {
			w.rewrite(t, func(m *photo.Manifest) {
				v := &m.Variants[1]
				w.variants[v.Key] = []byte("no picture")
				v.Bytes, v.SHA256 = 10, sha(w.variants[v.Key])
			})
		}, []Fault{Corrupt}},
		"a variant of another photo": {func(t *testing.T, w *world) {
			w.rewrite(t, func(m *photo.Manifest) {
				delete(w.variants, m.Variants[3].Key)
				m.Variants = m.Variants[:3]
				w.add(t, m, "thumb", imaging.New(256, 256, color.Gray{128}))
			})
		}, []Fault{Corrupt}},
		"a variant of another size than the manifest says": {func(t *testing.T, w *world) {
			w.rewrite(t, func(m *photo.Manifest) { m.Variants[0].Width-- })
		}, []Fault{Corrupt}},
		"an old manifest": {func(t *testing.T, w *world) {
			w.rewrite(t, func(m *photo.Manifest) { m.Source.ETag = `"old"` })
		}, []Fault{Stale}},
		"a replaced original": {func(t *testing.T, w *world) {
			s, err := samples.Small(77)
			if err != nil {
				t.Fatal(err)
			}
			w.ready.Want, w.originals[w.ready.Ref.Key()] = s, s.Bytes
		}, []Fault{Stale}},
		"a variant of a removed original":   {func(t *testing.T, w *world) { w.variants[w.removed.Ref.VariantKey("large", sha(nil), photo.PNG)] = nil }, []Fault{Stale}},
		"a manifest of a removed original":  {func(t *testing.T, w *world) { w.variants[w.removed.Ref.ManifestKey()] = nil }, []Fault{Stale}},
		"a variant that no manifest names":  {func(t *testing.T, w *world) { w.variants[w.ready.Ref.Prefix()+"large-0.jpg"] = nil }, []Fault{Stale}},
		"an old token brought a photo back": {func(t *testing.T, w *world) { w.originals[w.tombstone.Ref.Key()] = w.tombstone.Want.Bytes }, []Fault{Unexpected}},
		"a variant of a photo that was removed": {func(t *testing.T, w *world) {
			w.variants[w.tombstone.Ref.VariantKey("large", sha(nil), photo.PNG)] = nil
		}, []Fault{Stale}},
		"a removed photo is forgotten":             {func(t *testing.T, w *world) { delete(w.variants, w.tombstone.Ref.ManifestKey()) }, []Fault{Lost}},
		"a removed photo without a whole manifest": {func(t *testing.T, w *world) { cut(w.variants, w.tombstone.Ref.ManifestKey()) }, []Fault{Corrupt}},
		"a removed photo that cannot be read":      {func(t *testing.T, w *world) { w.variants[w.tombstone.Ref.ManifestKey()] = broken }, []Fault{Corrupt}},
		"a removed photo is ready again": {func(t *testing.T, w *world) {
			w.originals[w.tombstone.Ref.Key()] = w.tombstone.Want.Bytes
			w.process(t, w.tombstone)
		}, []Fault{Stale, Stale, Stale, Stale, Stale, Unexpected}},
		"the API has a removed photo": {func(t *testing.T, w *world) { w.api["tombstone"] = contract.Upload{State: photo.Awaiting} }, []Fault{Wrong}},
		"an orphan": {func(t *testing.T, w *world) {
			w.variants[photo.Ref{Board: "cats", ID: photo.NewID()}.ManifestKey()] = nil
		}, []Fault{Unexpected}},
		"an odd key":                    {func(t *testing.T, w *world) { w.variants["odd"] = nil }, []Fault{Unexpected}},
		"an original of nobody":         {func(t *testing.T, w *world) { w.originals["cats/odd"] = nil }, []Fault{Unexpected}},
		"a removed original is back":    {func(t *testing.T, w *world) { w.originals[w.removed.Ref.Key()] = nil }, []Fault{Unexpected}},
		"another reason":                {func(t *testing.T, w *world) { w.rejected.Want.Reason = photo.ReasonCorrupt }, []Fault{Wrong, Wrong}}, // S3 and the API
		"ready, and should be rejected": {func(t *testing.T, w *world) { w.ready.Want.State = photo.Rejected }, []Fault{Wrong, Wrong}},
		"a specification too few":       {func(t *testing.T, w *world) { w.rewrite(t, dropLast(w)) }, []Fault{Wrong}},
		"another size of the photo":     {func(t *testing.T, w *world) { w.rewrite(t, func(m *photo.Manifest) { m.Photo.Width = 1 }) }, []Fault{Wrong}},
		"the API says another thing":    {func(t *testing.T, w *world) { w.api["ready"] = contract.Upload{State: photo.Processing} }, []Fault{Wrong}},
		"the API has what was removed":  {func(t *testing.T, w *world) { w.api["removed"] = contract.Upload{State: photo.Ready} }, []Fault{Wrong}},
		"a variant that should not be":  {func(t *testing.T, w *world) { w.rewrite(t, rename("huge")) }, []Fault{Wrong, Wrong}}, // one too many, one too few
		"a variant of another size":     {smaller, []Fault{Wrong}},
		"two things at once, both found": {func(t *testing.T, w *world) {
			w.variants["odd"] = nil
			delete(w.variants, w.rejected.Ref.ManifestKey())
		}, []Fault{Lost, Unexpected}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.spoil(t, w)
			found := Checker{Originals: w.originals, Variants: w.variants, Boxes: samples.Boxes}
			if err := found.Run(t.Context(), w.uploads()); err != nil {
				t.Fatal(err)
			}
			if err := found.CheckAPI(t.Context(), w, w.uploads()); err != nil {
				t.Fatal(err)
			}
			var got []Fault
			for _, f := range found.Findings {
				got = append(got, f.Fault)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", found.Findings, c.want)
			}
		})
	}
}
