package forecast

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Inventory is a list of the objects of a bucket that S3 Inventory made:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
type Inventory struct {
	bucket  string // the bucket that it lists; "" if only its rows say
	columns columns
	files   []inventoryFile
}

type inventoryFile struct {
	path string // "-" is standard input
	md5  string // lower-case hexadecimal; "" if it is unknown
}

// bareSchema is the schema of a data file without a manifest: what S3 writes if the sizes are its first optional field
// and it lists current versions alone.
const bareSchema = "Bucket, Key, Size"

// OpenInventory reads the manifest.json of an inventory and finds its data files: beside it, in a folder data beside it
// or beside its folder, as S3 lays them out. name may also be a data file, CSV or gzip of CSV with the columns bucket,
// key and size, or "-" for standard input.
func OpenInventory(name string) (*Inventory, error) {
	if filepath.Ext(name) != ".json" {
		c, err := parseSchema(bareSchema)
		return &Inventory{columns: c, files: []inventoryFile{{path: name}}}, err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("inventory: %w", err)
	}
	var manifest struct {
		SourceBucket string `json:"sourceBucket"`
		FileFormat   string `json:"fileFormat"`
		FileSchema   string `json:"fileSchema"`
		Files        []struct {
			Key string `json:"key"`
			MD5 string `json:"MD5checksum"`
		} `json:"files"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("inventory %s: it is not the manifest of an inventory: %w", name, err)
	}
	if manifest.FileFormat != "CSV" {
		return nil, fmt.Errorf("inventory %s: its files are %.20q: want CSV", name, manifest.FileFormat)
	}
	inv := &Inventory{bucket: manifest.SourceBucket}
	if inv.columns, err = parseSchema(manifest.FileSchema); err != nil {
		return nil, fmt.Errorf("inventory %s: %w", name, err)
	}
	for _, f := range manifest.Files {
		found, err := findData(filepath.Dir(name), path.Base(f.Key))
		if err != nil {
			return nil, fmt.Errorf("inventory %s: %w", name, err)
		}
		inv.files = append(inv.files, inventoryFile{found, strings.ToLower(f.MD5)})
	}
	return inv, nil
}

// findData returns the path of a data file.
func findData(dir, base string) (string, error) {
	for _, d := range []string{dir, filepath.Join(dir, "data"), filepath.Join(dir, "..", "data")} {
		if _, err := os.Stat(filepath.Join(d, base)); err == nil {
			return filepath.Join(d, base), nil
		}
	}
	return "", fmt.Errorf("its file %s is neither beside it nor in a folder data there or above: download the files too", base)
}

// columns are the positions of the columns that are read. Those that an inventory need not have are -1.
type columns struct{ bucket, key, size, latest, deleted int }

// parseSchema finds the columns in a fileSchema.
func parseSchema(schema string) (columns, error) {
	names := strings.Split(schema, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	c := columns{slices.Index(names, "Bucket"), slices.Index(names, "Key"), slices.Index(names, "Size"),
		slices.Index(names, "IsLatest"), slices.Index(names, "IsDeleteMarker")}
	switch {
	case c.bucket < 0 || c.key < 0:
		return c, fmt.Errorf("the schema %.200q has no bucket and key", schema)
	case c.size < 0:
		return c, fmt.Errorf("the schema %.200q has no sizes: have S3 list them too", schema)
	}
	return c, nil
}

// Read calls yield for each current object of the bucket, in the order of the files. It checks the MD5 of each file
// that the manifest names. It fails if a row is of another bucket.
func (inv *Inventory) Read(ctx context.Context, bucket string, yield func(key string, bytes int64)) error {
	if inv.bucket != "" && inv.bucket != bucket {
		return fmt.Errorf("the inventory lists the bucket %.80q: want %q", inv.bucket, bucket)
	}
	for _, f := range inv.files {
		if err := inv.readFile(ctx, f, bucket, yield); err != nil {
			return fmt.Errorf("inventory file %s: %w", f.path, err)
		}
	}
	return nil
}

func (inv *Inventory) readFile(ctx context.Context, f inventoryFile, bucket string, yield func(key string, bytes int64)) error {
	in := os.Stdin
	if f.path != "-" {
		var err error
		if in, err = os.Open(f.path); err != nil {
			return err
		}
		defer in.Close()
	}
	var source io.Reader = in
	var sum hash.Hash
	if f.md5 != "" {
		sum = md5.New()
		source = io.TeeReader(in, sum)
	}
	plain, err := unzipped(bufio.NewReaderSize(source, bufferBytes))
	if err != nil {
		return err
	}
	if err := inv.readRows(ctx, plain, bucket, yield); err != nil {
		return err
	}
	if sum != nil {
		if _, err := io.Copy(io.Discard, source); err != nil {
			return err
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != f.md5 {
			return fmt.Errorf("its MD5 is %s: want %s, as the manifest says", got, f.md5)
		}
	}
	return nil
}
