package forecast

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// zipped returns text as gzip.
func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// write writes files below a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns a line for each object of an inventory.
func read(ctx context.Context, name string) (lines []string, err error) {
	inv, err := OpenInventory(name)
	if err != nil {
		return nil, err
	}
	err = inv.Read(ctx, "uploads", func(key string, bytes int64) { lines = append(lines, fmt.Sprint(key, " ", bytes)) })
	return lines, err
}

// manifestJSON returns the manifest of an inventory with these data files.
func manifestJSON(schema string, files map[string]string) string {
	var list []string
	for name, text := range files {
		list = append(list, fmt.Sprintf(`{"key":"inventories/uploads/all/data/%s","size":%d,"MD5checksum":"%x"}`, name, len(text), md5.Sum([]byte(text))))
	}
	slices.Sort(list)
	return `{"sourceBucket":"uploads","destinationBucket":"arn:aws:s3:::lists","version":"2016-11-30","creationTimestamp":"1514944800000",
		"fileFormat":"CSV","fileSchema":"` + schema + `","files":[` + strings.Join(list, ",") + `]}`
}

const versions = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag"

func TestInventory(t *testing.T) {
	data := map[string]string{
		"a.csv.gz": zipped(t, `"uploads","cats/1","v2","true","false","10","2026-11-01T00:00:00.000Z","e"`+"\n"+
			`"uploads","cats/1","v1","false","false","11","2026-11-01T00:00:00.000Z","e"`+"\n"+
			`"uploads","cats/2","v1","true","true","","2026-11-01T00:00:00.000Z",""`+"\n"),
		"b.csv.gz": zipped(t, `"uploads","cats%2F3+x","v1","true","false","12","2026-11-01T00:00:00.000Z","e"`),
	}
	want := []string{"cats/1 10", "cats/3 x 12"}
	for name, folder := range map[string]string{"beside": "day", "in data": "day/data", "as S3 lays them out": "data"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"day/manifest.json": manifestJSON(versions, data)})
			write(t, filepath.Join(dir, folder), data)
			if lines, err := read(t.Context(), filepath.Join(dir, "day/manifest.json")); err != nil || !slices.Equal(lines, want) {
				t.Errorf("got %q, %v, want %q", lines, err, want)
			}
		})
	}
}

func TestDataFileWithoutManifest(t *testing.T) {
	text := `"uploads","cats/1","10","2026-11-01T00:00:00.000Z"` + "\r\n" + "uploads,cats/2,11\n"
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.csv": text, "a.csv.gz": zipped(t, text), "saved.csv": byteOrderMark + text, "empty.csv": ""})
	rows := []string{"cats/1 10", "cats/2 11"}
	for name, want := range map[string][]string{"a.csv": rows, "a.csv.gz": rows, "saved.csv": rows, "empty.csv": nil} {
		if lines, err := read(t.Context(), filepath.Join(dir, name)); err != nil || !slices.Equal(lines, want) {
			t.Errorf("%s: got %q, %v, want %q", name, lines, err, want)
		}
	}
}

func TestInventoryThatCannotBeUsed(t *testing.T) {
	good := map[string]string{"a.csv": `"uploads","cats/1","10"` + "\n"}
	schema := "Bucket, Key, Size"
	for _, tc := range []struct {
		name     string
		manifest string
		data     string
		want     string
	}{
		{"not JSON", "<html>", "", "not the manifest of an inventory"},
		{"another JSON", "{}", "", "want CSV"},
		{"ORC", strings.Replace(manifestJSON(schema, good), `"CSV"`, `"ORC"`, 1), good["a.csv"], `"ORC": want CSV`},
		{"no sizes", manifestJSON("Bucket, Key", good), good["a.csv"], "no sizes"},
		{"no keys", manifestJSON("Bucket, Size", good), good["a.csv"], "no bucket and key"},
		{"a file is missing", strings.Replace(manifestJSON(schema, good), "a.csv", "b.csv", 1), "", "b.csv is neither beside it"},
		{"another file", manifestJSON(schema, good), `"uploads","cats/2","10"`, "its MD5 is"},
		{"another bucket", strings.Replace(manifestJSON(schema, good), `"uploads"`, `"photos"`, 1), good["a.csv"], `the bucket "photos": want "uploads"`},
		{"rows of another bucket", manifestJSON(schema, map[string]string{"a.csv": "photos,a,1"}), "photos,a,1", `line 1: it is of the bucket "photos"`},
		{"a size that is none", manifestJSON(schema, map[string]string{"a.csv": "uploads,a,1\nuploads,b,x"}), "uploads,a,1\nuploads,b,x", `line 2: the size "x"`},
		{"a size that no object has", manifestJSON(schema, map[string]string{"a.csv": "uploads,a,9223372036854775807"}), "uploads,a,9223372036854775807", `line 1: the size "9223372036854775807"`},
		{"a header", manifestJSON(schema, map[string]string{"a.csv": "bucket,key,size\nuploads,a,1"}), "bucket,key,size\nuploads,a,1", `line 1: it is a header, with "size" for the size: remove it`},
		{"too few columns", manifestJSON(schema, map[string]string{"a.csv": "uploads,a"}), "uploads,a", "2 columns: want at least 3"},
		{"a quote is missing", manifestJSON(schema, map[string]string{"a.csv": `uploads,"a,1`}), `uploads,"a,1`, "a quote is missing"},
		{"a key that is not encoded", manifestJSON(schema, map[string]string{"a.csv": "uploads,%zz,1"}), "uploads,%zz,1", "not URL-encoded"},
		{"an endless row", manifestJSON(schema, map[string]string{"a.csv": strings.Repeat("x", bufferBytes+1)}), strings.Repeat("x", bufferBytes+1), "line 1"},
		{"half a gzip", manifestJSON(schema, map[string]string{"a.csv": zipped(t, "uploads,a,1")[:20]}), zipped(t, "uploads,a,1")[:20], "unexpected EOF"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"manifest.json": tc.manifest, "a.csv": tc.data})
			lines, err := read(t.Context(), filepath.Join(dir, "manifest.json"))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %q, %v, want %q", lines, err, tc.want)
			}
		})
	}
	if _, err := read(t.Context(), filepath.Join(t.TempDir(), "none.csv")); err == nil {
		t.Error("a file that does not exist is an empty inventory")
	}
}

func TestInventoryEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.csv": strings.Repeat("uploads,a,1\n", 1<<17)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if lines, err := read(ctx, filepath.Join(dir, "a.csv")); err == nil || len(lines) > 1<<16 {
		t.Errorf("%d rows, %v", len(lines), err)
	}
}

// FuzzSplitRow compares with encoding/csv wherever that reads a row.
func FuzzSplitRow(f *testing.F) {
	for _, row := range []string{`"a","b","c"`, `a,b,c`, `"a""b",,"c,d"`, `"","",""`, `a`, `"a`, `"a"b,c`, `,,`, `"a","b`, `""""`} {
		f.Add(row, 3)
	}
	f.Fuzz(func(t *testing.T, row string, n int) {
		if strings.ContainsAny(row, "\r\n") || n < 1 || n > 8 {
			return
		}
		fields, err := splitRow([]byte(row), n, nil)
		if err == nil && len(fields) != n {
			t.Fatalf("%q: %d fields, want %d", row, len(fields), n)
		}
		want, failed := csv.NewReader(strings.NewReader(row)).Read()
		if failed != nil {
			return // encoding/csv is stricter about what follows the first n fields
		}
		if (err == nil) != (len(want) >= n) {
			t.Fatalf("%q: %v, encoding/csv reads %q", row, err, want)
		}
		for i := range fields {
			if string(fields[i]) != want[i] {
				t.Errorf("%q: field %d is %q, want %q", row, i, fields[i], want[i])
			}
		}
	})
}

// BenchmarkRows reads rows as S3 writes them.
func BenchmarkRows(b *testing.B) {
	var text strings.Builder
	const rows = 100_000
	for i := range rows {
		fmt.Fprintf(&text, "\"uploads\",\"%s\",\"%d\",\"2026-11-01T00:00:00.000Z\",\"d41d8cd98f00b204e9800998ecf8427e\"\n", key(i), 1_000_000+i)
	}
	c, err := parseSchema(bareSchema)
	if err != nil {
		b.Fatal(err)
	}
	inv := &Inventory{columns: c}
	census := NewCensus(100)
	for b.Loop() {
		if err := inv.readRows(b.Context(), bufio.NewReaderSize(strings.NewReader(text.String()), bufferBytes), "uploads", census.Add); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}
