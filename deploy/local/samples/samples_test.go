package samples

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"darkroom/deploy/testkit/race"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/photo"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"
)

// Another library decodes the pictures, turns them upright by their EXIF orientation and finds the expected size and
// colours.
func TestSamples(t *testing.T) {
	race.Skip(t)
	for _, list := range []struct {
		name string
		draw func() ([]Sample, error)
		want int
	}{{"demo", Demo, 14}, {"mixed", Mixed, 40}, {"small", manySmall, 64}} {
		t.Run(list.name, func(t *testing.T) {
			all, err := list.draw()
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != list.want {
				t.Errorf("%d samples, want %d", len(all), list.want)
			}
			names, contents, reasons := map[string]bool{}, map[string]string{}, map[photo.Reason]bool{}
			for _, s := range all {
				if names[s.Name] {
					t.Errorf("%s: duplicate name", s.Name)
				}
				names[s.Name] = true
				if other, ok := contents[string(s.Bytes)]; ok {
					t.Errorf("%s: the bytes of %s", s.Name, other)
				}
				contents[string(s.Bytes)] = s.Name
				if s.State == photo.Rejected {
					reasons[s.Reason] = true
					continue
				}
				if s.ContentType == photo.HEIC.ContentType() { // see TestHEICSample
					continue
				}
				if got := http.DetectContentType(s.Bytes); got != s.ContentType {
					t.Errorf("%s: looks like %s, declares %s", s.Name, got, s.ContentType)
				}
				m, err := imaging.Decode(bytes.NewReader(s.Bytes), imaging.AutoOrientation(true))
				if err != nil {
					t.Errorf("%s: %v", s.Name, err)
					continue
				}
				s.compare(t, m)
			}
			// The reason too-large is found before the upload, and too-expensive depends on a setting.
			if list.name == "mixed" && len(reasons) != len(photo.Reasons)-2 {
				t.Errorf("reasons %v", reasons)
			}
		})
	}
}

// compare checks the size and the colours of a sample's picture.
func (s Sample) compare(t *testing.T, m image.Image) {
	t.Helper()
	if got := m.Bounds().Size(); got != image.Pt(s.Width, s.Height) {
		t.Errorf("%s: %s upright, want %dx%d", s.Name, got, s.Width, s.Height)
	}
	if err := s.compareQuarters(m); err != nil {
		t.Errorf("%s: %v", s.Name, err)
	}
}

func TestHEICSample(t *testing.T) {
	convert := tool.Find(t, "heif-convert")
	s, dir := heic("phone.heic"), t.TempDir()
	in, out := filepath.Join(dir, s.Name), filepath.Join(dir, "out.png")
	if err := os.WriteFile(in, s.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.CommandContext(t.Context(), convert, in, out).CombinedOutput(); err != nil {
		t.Fatalf("heif-convert: %v: %s", err, text)
	}
	m, err := imaging.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	s.compare(t, m)
}

func manySmall() (all []Sample, err error) {
	for seed := range uint64(60) {
		s, err := Small(seed)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	for seed := range uint64(4) {
		s, err := SmallBad(seed)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// The same seed gives the same bytes, and Check tells any two small pictures apart.
func TestSmallPicturesDiffer(t *testing.T) {
	all, err := manySmall()
	if err != nil {
		t.Fatal(err)
	}
	again, err := manySmall()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range all {
		if !bytes.Equal(s.Bytes, again[i].Bytes) {
			t.Errorf("%s: different bytes the second time", s.Name)
		}
		if s.State == photo.Rejected {
			continue
		}
		m, err := imaging.Decode(bytes.NewReader(s.Bytes), imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		for j, other := range all {
			if i != j && other.State != photo.Rejected && other.compareQuarters(m) == nil {
				t.Errorf("%s passes as %s", s.Name, other.Name)
			}
		}
	}
}

// Check fails for a picture that is turned, mirrored, transposed or of another colour.
func TestCheckSeesWhatIsWrong(t *testing.T) {
	s, err := Photo("a.jpg", 640, 480, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := imaging.Decode(bytes.NewReader(s.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	m = imaging.Resize(m, 320, 0, imaging.Box)
	for name, c := range map[string]struct {
		m  image.Image
		ok bool
	}{
		"resized":     {m, true},
		"cropped":     {imaging.CropCenter(m, 240, 240), true},
		"a quarter":   {imaging.CropAnchor(m, 160, 120, imaging.TopLeft), false},
		"turned":      {imaging.Rotate90(m), false},
		"upside down": {imaging.Rotate180(m), false},
		"mirrored":    {imaging.FlipH(m), false},
		"transposed":  {imaging.Transpose(m), false},
		"grey":        {imaging.Grayscale(m), false},
	} {
		var b bytes.Buffer
		if err := jpegn.Encode(&b, c.m); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Check(b.Bytes()); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Check([]byte("not a picture")); err == nil {
		t.Error("a text passes as a picture")
	}
}

func TestBomb(t *testing.T) {
	var b bytes.Buffer
	if err := Bomb(&b, 20_000, 20_000); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 400<<10 {
		t.Errorf("%d bytes", b.Len())
	}
	c, err := png.DecodeConfig(bytes.NewReader(b.Bytes()))
	if err != nil || c.Width != 20_000 || c.Height != 20_000 {
		t.Errorf("%+v, %v", c, err)
	}
	b.Reset()
	if err := Bomb(&b, 1001, 3000); err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(&b); err != nil || m.Bounds().Size() != image.Pt(1001, 3000) {
		t.Errorf("a smaller one does not decode: %v", err)
	}
	for limit := range 3 {
		if err := Bomb(&brokenPipe{writes: limit}, 10, 10); err == nil {
			t.Errorf("no error from a pipe that breaks after %d writes", limit)
		}
	}
}

type brokenPipe struct{ writes int }

func (p *brokenPipe) Write(b []byte) (int, error) {
	if p.writes--; p.writes < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func TestBoxSize(t *testing.T) {
	for _, c := range []struct {
		box        int
		w, h, x, y int
	}{
		{0, 4000, 3000, 1600, 1200}, {0, 1200, 900, 1200, 900}, {0, 600, 6000, 160, 1600}, {2, 64, 4096, 5, 320},
		{3, 4000, 3000, 256, 256}, {3, 200, 100, 100, 100}, {3, 40, 1000, 40, 40}, {1, 1, 1, 1, 1}, {2, 1, 4000, 1, 320},
	} {
		if got := Boxes[c.box].Size(c.w, c.h); got != image.Pt(c.x, c.y) {
			t.Errorf("%s of %dx%d: %s, want %dx%d", Boxes[c.box].Name, c.w, c.h, got, c.x, c.y)
		}
	}
}
