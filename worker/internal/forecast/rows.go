package forecast

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
)

// bufferBytes is the size of the buffers that files are read through. No row is longer.
const bufferBytes = 1 << 20

// unzipped returns the contents of a file that may be gzip.
func unzipped(r *bufio.Reader) (*bufio.Reader, error) {
	if magic, err := r.Peek(2); err != nil || !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return r, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(z, bufferBytes), nil
}

// byteOrderMark is what a spreadsheet writes before the first row. S3 does not.
const byteOrderMark = "\ufeff"

// readRows reads the rows of one file.
func (inv *Inventory) readRows(ctx context.Context, r *bufio.Reader, bucket string, yield func(key string, bytes int64)) error {
	if mark, _ := r.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		r.Discard(len(mark))
	}
	last := max(inv.columns.bucket, inv.columns.key, inv.columns.size, inv.columns.latest, inv.columns.deleted)
	fields := make([][]byte, 0, last+1)
	for n := int64(1); ; n++ {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, err := r.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("line %d: %w", n, err)
		}
		fields, err = splitRow(bytes.TrimRight(line, "\r\n"), last+1, fields[:0])
		if err == nil && n == 1 {
			err = inv.checkFirst(fields, bucket)
		}
		if err == nil {
			err = inv.row(fields, bucket, yield)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

// largestObject is the size of the largest object of S3, 50 TiB:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
const largestObject = 50 << 40

// checkFirst returns an error if the first row is a header, which S3 never writes: another bucket, and a size without a
// digit.
func (inv *Inventory) checkFirst(fields [][]byte, bucket string) error {
	if size := fields[inv.columns.size]; len(size) > 0 && !bytes.ContainsAny(size, "0123456789") && string(fields[inv.columns.bucket]) != bucket {
		return fmt.Errorf("it is a header, with %.40q for the size: remove it", size)
	}
	return nil
}

// row yields the object of a row, unless it is an old version or a delete marker.
func (inv *Inventory) row(fields [][]byte, bucket string, yield func(key string, bytes int64)) error {
	c := inv.columns
	if string(fields[c.bucket]) != bucket {
		return fmt.Errorf("it is of the bucket %.80q: want %q", fields[c.bucket], bucket)
	}
	if c.latest >= 0 && string(fields[c.latest]) == "false" || c.deleted >= 0 && string(fields[c.deleted]) == "true" {
		return nil
	}
	size, err := strconv.ParseInt(string(fields[c.size]), 10, 64)
	if err != nil || size < 0 || size > largestObject {
		return fmt.Errorf("the size %.40q is not a number of bytes, at most %d", fields[c.size], int64(largestObject))
	}
	key, err := unescape(fields[c.key])
	if err != nil {
		return err
	}
	yield(key, size)
	return nil
}

// errRow reports a row that is not CSV or has too few columns.
var errRow = errors.New("it is not a row of an inventory")

// splitRow appends the first n fields of a CSV row to fields. They share the memory of the row, which it may change.
func splitRow(row []byte, n int, fields [][]byte) ([][]byte, error) {
	for len(fields) < n {
		var field []byte
		if len(row) > 0 && row[0] == '"' {
			end := 1
			kept := 1
			for {
				i := bytes.IndexByte(row[end:], '"')
				if i < 0 {
					return nil, fmt.Errorf("%w: a quote is missing", errRow)
				}
				kept += copy(row[kept:], row[end:end+i])
				end += i + 1
				if end == len(row) || row[end] != '"' {
					break
				}
				row[kept] = '"' // two quotes stand for one
				kept++
				end++
			}
			field, row = row[1:kept], row[end:]
			if len(row) > 0 && row[0] != ',' {
				return nil, fmt.Errorf("%w: text follows a quote", errRow)
			}
		} else {
			end := bytes.IndexByte(row, ',')
			if end < 0 {
				end = len(row)
			}
			field, row = row[:end], row[end:]
		}
		fields = append(fields, field)
		if len(row) == 0 {
			break
		}
		row = row[1:]
	}
	if len(fields) < n {
		return nil, fmt.Errorf("%w: %d columns: want at least %d", errRow, len(fields), n)
	}
	return fields, nil
}

// unescape decodes a key, which is URL-encoded. S3 writes a space as a plus sign.
func unescape(key []byte) (string, error) {
	if !bytes.ContainsAny(key, "%+") {
		return string(key), nil
	}
	decoded, err := url.QueryUnescape(string(key))
	if err != nil {
		return "", fmt.Errorf("the key %.120q is not URL-encoded: %w", key, err)
	}
	return decoded, nil
}
