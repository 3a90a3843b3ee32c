package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// picture returns a PNG of one colour.
func picture(t testing.TB, w, h int, shade uint8) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	m.SetGray(0, 0, color.Gray{Y: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writeTree writes files to a new folder, by their paths in it.
func writeTree(t testing.TB, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, data := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// listFiles lists the files in a folder, sorted, with slashes in their paths.
func listFiles(t testing.TB, root string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(root, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func config(t testing.TB, out string) (Config, *bytes.Buffer) {
	t.Helper()
	e, err := engine.New(engine.Config{MaxBytes: 10_000, MaxPixels: 100_000, Specs: []engine.Spec{
		{Name: "small", Width: 20, Height: 20, Fit: engine.Inside, Quality: 80},
		{Name: "thumb", Width: 10, Height: 10, Fit: engine.Fill, Quality: 80}}})
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	return Config{Engine: e, Out: out, Recipe: photo.Recipe{Name: "r"}, Progress: &lines}, &lines
}

func manifest(t testing.TB, folder string) *photo.Manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, photo.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	_, id, _ := strings.Cut(string(text), `"id": "`)
	m, err := photo.ParseManifest(photo.Ref{Board: board, ID: photo.ID(id[:32])}, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFiles(t *testing.T) {
	file := picture(t, 60, 40, 9)
	in := writeTree(t, map[string][]byte{"cat.png": file})
	out := filepath.Join(t.TempDir(), "made", "here")
	cfg, lines := config(t, out)
	failed, err := Files(t.Context(), cfg, []string{filepath.Join(in, "cat.png")})
	if failed != 0 || err != nil {
		t.Fatalf("%d failed, %v: %s", failed, err, lines)
	}
	if got, want := listFiles(t, out), []string{"cat/manifest.json", "cat/small.jpg", "cat/thumb.jpg"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	m := manifest(t, filepath.Join(out, "cat"))
	sum := sha256.Sum256(file)
	if m.ID != photo.ID(hex.EncodeToString(sum[:])[:32]) || m.State != photo.Ready || m.Recipe != "r" || m.Source.Bytes != int64(len(file)) ||
		m.Photo.Format != photo.PNG || m.Photo.Width != 60 || m.Photo.Height != 40 || m.Photo.ThumbHash == "" || len(m.Photo.Colour) != 7 || len(m.Photo.PerceptualHash) != 16 || len(m.Variants) != 2 {
		t.Errorf("%+v", m)
	}
	for i, name := range []string{"small.jpg", "thumb.jpg"} {
		data, err := os.ReadFile(filepath.Join(out, "cat", name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		if v := m.Variants[i]; v.SHA256 != hex.EncodeToString(sum[:]) || !strings.HasPrefix(v.Key, m.Ref().Prefix()) {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if got := lines.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "cat.png: 60 x 40 png, 2 variants in ") {
		t.Errorf("progress: %q", got)
	}
}

func TestFoldersAndNames(t *testing.T) {
	p := picture(t, 8, 8, 1)
	in := writeTree(t, map[string][]byte{
		"a.png": p, "b/a.png": p, "b/A.jpeg": p, "b/c/a-2.png": p, ".d/...png": p,
		".hidden": p, "b/.DS_Store": p, ".git/x.png": p, "out/old/small.png": p,
	})
	cfg, lines := config(t, filepath.Join(in, "out"))
	failed, err := Files(t.Context(), cfg, []string{in, filepath.Join(in, ".d", "...png")})
	if failed != 0 || err != nil {
		t.Fatalf("%d failed, %v: %s", failed, err, lines)
	}
	var folders []string
	for _, name := range listFiles(t, cfg.Out) {
		if folder, ok := strings.CutSuffix(name, "/manifest.json"); ok {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	if want := []string{"A-2", "a", "a-2-2", "a-3", "photo"}; !slices.Equal(folders, want) {
		t.Errorf("got %v, want %v", folders, want)
	}
}

func TestRejectedAndUnreadable(t *testing.T) {
	p := picture(t, 60, 40, 9)
	in := writeTree(t, map[string][]byte{
		"cut.png": p[:len(p)*2/3], "note.jpg": []byte("only words"), "big.png": append(bytes.Clone(p), make([]byte, 20_000)...),
		"wide.png": picture(t, 1000, 101, 0), "good.png": p, "more/x.png": p,
	})
	missing := filepath.Join(in, "missing.png")
	cfg, lines := config(t, t.TempDir())
	failed, err := Files(t.Context(), cfg, []string{in, missing})
	if failed != 5 || err != nil {
		t.Errorf("%d failed, %v, want 5", failed, err)
	}
	for name, want := range map[string]photo.Reason{"cut": photo.ReasonTruncated, "note": photo.ReasonUnsupported,
		"big": photo.ReasonTooLarge, "wide": photo.ReasonTooManyPixels} {
		m := manifest(t, filepath.Join(cfg.Out, name))
		if m.State != photo.Rejected || m.Reason != want || m.Detail == "" || len(m.Variants) != 0 {
			t.Errorf("%s: %+v", name, m)
		}
		if line := ": rejected: " + string(want) + ": " + m.Detail; !strings.Contains(lines.String(), line) {
			t.Errorf("no line %q in\n%s", line, lines)
		}
	}
	if m := manifest(t, filepath.Join(cfg.Out, "big")); m.Source.Bytes != int64(len(p)+20_000) {
		t.Errorf("a file that is too large has %d bytes", m.Source.Bytes)
	}
	if want := missing + ": no such file or directory\n"; !strings.Contains(lines.String(), want) {
		t.Errorf("no line %q in\n%s", want, lines)
	}
	if m := manifest(t, filepath.Join(cfg.Out, "good")); m.State != photo.Ready {
		t.Errorf("the valid photo is %s", m.State)
	}
}

// TestReadsNoMoreThanTheLimit reads an endless file: reading all of it would never return.
func TestReadsNoMoreThanTheLimit(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("no /dev/zero here")
	}
	cfg, lines := config(t, t.TempDir())
	failed, err := Files(t.Context(), cfg, []string{"/dev/zero"})
	if failed != 1 || err != nil || !strings.Contains(lines.String(), "too-large") {
		t.Errorf("%d failed, %v: %s", failed, err, lines)
	}
}

func TestSecondRunReplaces(t *testing.T) {
	in := writeTree(t, map[string][]byte{"cat.png": picture(t, 60, 40, 9)})
	cfg, _ := config(t, writeTree(t, map[string][]byte{"cat/mine.txt": []byte("mine"), "cat/manifest.json": []byte("old"), "cat/small.jpg": []byte("old")}))
	for range 2 {
		if failed, err := Files(t.Context(), cfg, []string{in}); failed != 0 || err != nil {
			t.Fatalf("%d failed, %v", failed, err)
		}
	}
	want := []string{"cat/manifest.json", "cat/mine.txt", "cat/small.jpg", "cat/thumb.jpg"}
	if got := listFiles(t, cfg.Out); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if m := manifest(t, filepath.Join(cfg.Out, "cat")); len(m.Variants) != 2 {
		t.Errorf("%+v", m)
	}
}

func TestOutputThatCannotBeWrittenEndsTheRun(t *testing.T) {
	in := writeTree(t, map[string][]byte{"cat.png": picture(t, 60, 40, 9)})
	cfg, _ := config(t, writeTree(t, map[string][]byte{"cat": []byte("a file where the folder should be")}))
	if _, err := Files(t.Context(), cfg, []string{in}); err == nil {
		t.Error("no error")
	}
	cfg.Out = filepath.Join(in, "cat.png")
	if _, err := Files(t.Context(), cfg, []string{in}); err == nil {
		t.Error("no error where the output folder is a file")
	}
}

func TestSmallBudgetStillRenders(t *testing.T) {
	in := writeTree(t, map[string][]byte{"a.png": picture(t, 60, 40, 9), "b.png": picture(t, 60, 40, 8)})
	cfg, lines := config(t, t.TempDir())
	cfg.Memory = 1
	if failed, err := Files(t.Context(), cfg, []string{in}); failed != 0 || err != nil {
		t.Errorf("%d failed, %v: %s", failed, err, lines)
	}
}

func TestTerminal(t *testing.T) {
	in := writeTree(t, map[string][]byte{"a.png": picture(t, 60, 40, 9), "b.png": []byte("words")})
	cfg, lines := config(t, t.TempDir())
	cfg.Terminal = true
	if failed, err := Files(t.Context(), cfg, []string{in}); failed != 1 || err != nil {
		t.Errorf("%d failed, %v", failed, err)
	}
	got := lines.String()
	if !strings.Contains(got, "rendering") || !strings.Contains(got, "b.png: rejected: unsupported: ") || strings.Contains(got, "a.png: ") {
		t.Errorf("%q", got)
	}
}

func TestValidate(t *testing.T) {
	good, _ := config(t, "out")
	if err := good.Validate(); err != nil {
		t.Errorf("the valid Config: %v", err)
	}
	for want, spoil := range map[string]func(*Config){
		"the engine is missing": func(c *Config) { c.Engine = nil },
		"output folder":         func(c *Config) { c.Out = "" },
		"renders -1":            func(c *Config) { c.Renders = -1 },
		"memory budget":         func(c *Config) { c.Memory = -1 },
	} {
		c := good
		spoil(&c)
		if _, err := Files(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	good.Out = t.TempDir()
	if _, err := Files(t.Context(), good, []string{good.Out}); err == nil || !strings.Contains(err.Error(), "no photos") {
		t.Errorf("an empty folder: %v", err)
	}
}
