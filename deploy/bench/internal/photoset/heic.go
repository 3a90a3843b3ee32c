package photoset

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"darkroom/deploy/bench/internal/rusage"
)

// HEICEncoder is libheif's command line encoder.
const HEICEncoder = "heif-enc"

// heicQuality is the quality of the drawn HEIC on the scale of heif-enc. At this quality it has about as many bits per
// pixel as a phone's.
const heicQuality = 42

// tileSize is the width and the height in pixels of the tiles of a phone's HEIC.
const tileSize = 512

// HEICDrawing is the HEIC that is measured if the user gives no photos.
var HEICDrawing = Drawing{"heic-12mp.heic", 4000, 3000, HEIC, nil}

// errNoEncoder means that heif-enc is not installed.
var errNoEncoder = errors.New(HEICEncoder + " is not in PATH (Debian: libheif-examples)")

// DrawHEIC draws a scene as a HEIC in dir: a grid of tiles, as phones write it. heif-enc 1.15 has no option for that,
// so it encodes one tile after the other.
func DrawHEIC(ctx context.Context, dir string, d Drawing) (Original, error) {
	if _, err := exec.LookPath(HEICEncoder); err != nil {
		return Original{}, errNoEncoder
	}
	work, err := os.MkdirTemp(dir, ".tiles-")
	if err != nil {
		return Original{}, err
	}
	defer os.RemoveAll(work)
	picture := Scene(d.Width, d.Height)
	var tiles []heicTile
	for y := 0; y < d.Height; y += tileSize {
		for x := 0; x < d.Width; x += tileSize {
			tile, err := encodeTile(ctx, work, cutTile(picture, x, y))
			if err != nil {
				return Original{}, fmt.Errorf("draw %s: %w", d.Name, err)
			}
			tiles = append(tiles, tile)
		}
	}
	file, err := gridFile(tiles, image.Pt(d.Width, d.Height))
	if err != nil {
		return Original{}, fmt.Errorf("draw %s: %w", d.Name, err)
	}
	path := filepath.Join(dir, d.Name)
	return Original{Name: d.Name, Path: path, Kind: HEIC}, os.WriteFile(path, file, 0o644)
}

// cutTile returns a tile in RGB. Beyond the edges of the picture it repeats the last pixels.
func cutTile(m *image.YCbCr, x0, y0 int) *image.NRGBA {
	tile := image.NewYCbCr(image.Rect(0, 0, tileSize, tileSize), m.SubsampleRatio)
	copyPlane := func(dst []uint8, dstStride int, src []uint8, srcStride, x0, y0, size, width, height int) {
		for y := range size {
			row := src[min(y0+y, height-1)*srcStride:][:width]
			for x := range size {
				dst[y*dstStride+x] = row[min(x0+x, width-1)]
			}
		}
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	copyPlane(tile.Y, tile.YStride, m.Y, m.YStride, x0, y0, tileSize, w, h)
	copyPlane(tile.Cb, tile.CStride, m.Cb, m.CStride, x0/2, y0/2, tileSize/2, (w+1)/2, (h+1)/2)
	copyPlane(tile.Cr, tile.CStride, m.Cr, m.CStride, x0/2, y0/2, tileSize/2, (w+1)/2, (h+1)/2)
	return InRGB(tile, false)
}

// heicTile is an HEVC picture.
type heicTile struct {
	config []byte // hvcC box, with its header
	data   []byte // coded picture
}

// encodeTile encodes a picture with heif-enc, through files in dir.
func encodeTile(ctx context.Context, dir string, m image.Image) (heicTile, error) {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.NoCompression}
	if err := encoder.Encode(&b, m); err != nil {
		return heicTile{}, err
	}
	in, out := filepath.Join(dir, "tile.png"), filepath.Join(dir, "tile.heic")
	if err := os.WriteFile(in, b.Bytes(), 0o644); err != nil {
		return heicTile{}, err
	}
	if _, err := rusage.Output(ctx, "", rusage.Environment(), HEICEncoder, "-q", strconv.Itoa(heicQuality), "-o", out, in); err != nil {
		return heicTile{}, err
	}
	file, err := os.ReadFile(out)
	if err != nil {
		return heicTile{}, err
	}
	// A file of one picture, without metadata: its mdat box holds nothing but the coded picture.
	meta, metaErr := findBox(file, "meta")
	data, dataErr := findBox(file, "mdat")
	if err := errors.Join(metaErr, dataErr); err != nil {
		return heicTile{}, err
	}
	properties, err := findBox(meta[min(4, len(meta)):], "iprp", "ipco") // meta is a full box: version and flags
	if err != nil {
		return heicTile{}, err
	}
	config, err := findBox(properties, "hvcC")
	return heicTile{box("hvcC", config), data}, err
}

// gridFile returns a HEIC whose primary picture is a grid of tiles (ISO/IEC 23008-12, 6.6.2.3). They cover the picture
// of this size, row by row.
func gridFile(tiles []heicTile, size image.Point) ([]byte, error) {
	if slices.ContainsFunc(tiles, func(t heicTile) bool { return !bytes.Equal(t.config, tiles[0].config) }) {
		return nil, errors.New("the tiles differ in their parameter sets")
	}
	columns, rows := (size.X+tileSize-1)/tileSize, (size.Y+tileSize-1)/tileSize
	u16, u32 := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	extent := func(w, h int) []byte { return box("ispe", u32(u32(make([]byte, 4), uint32(w)), uint32(h))) }
	entry := func(id int, flags byte, kind string) []byte {
		return box("infe", u16([]byte{2, 0, 0, flags}, uint16(id)), []byte{0, 0}, []byte(kind), []byte{0})
	}
	grid := u16(u16([]byte{0, 0, byte(rows - 1), byte(columns - 1)}, uint16(size.X)), uint16(size.Y))

	// Item 1 is the grid, and the tiles follow. Properties, from 1: the size of the grid, that of a tile, and hvcC.
	const hidden, essential = 1, 0x80
	items := entry(1, 0, "grid")
	uses := append(u16(u32(make([]byte, 4), uint32(len(tiles)+1)), 1), 1, 1)
	references := u16(u16(nil, 1), uint16(len(tiles)))
	for i := range tiles {
		items = append(items, entry(i+2, hidden, "hvc1")...)
		uses = append(u16(uses, uint16(i+2)), 2, 2, 3|essential)
		references = u16(references, uint16(i+2))
	}
	properties := box("ipco", extent(size.X, size.Y), extent(tileSize, tileSize), tiles[0].config)
	meta := func(offset int) []byte {
		locations := u16([]byte{1, 0, 0, 0, 0x44, 0}, uint16(len(tiles)+1)) // offsets and lengths of four bytes
		// Construction method 1: the grid is in idat.
		locations = u32(u32(u16(u16(u16(u16(locations, 1), 1), 0), 1), 0), uint32(len(grid)))
		for i, t := range tiles {
			locations = u32(u32(u16(u16(u16(u16(locations, uint16(i+2)), 0), 0), 1), uint32(offset)), uint32(len(t.data)))
			offset += len(t.data)
		}
		return box("meta", make([]byte, 4), box("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
			box("pitm", make([]byte, 4), u16(nil, 1)), box("iloc", locations), box("iinf", u16(make([]byte, 4), uint16(len(tiles)+1)), items),
			box("iref", make([]byte, 4), box("dimg", references)), box("iprp", properties, box("ipma", uses)), box("idat", grid))
	}
	head := box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	file := append(head, meta(len(head)+len(meta(0))+8)...)
	var data [][]byte
	for _, t := range tiles {
		data = append(data, t.data)
	}
	return append(file, box("mdat", data...)...), nil
}

// box returns a box of ISO/IEC 14496-12 (4.2).
func box(kind string, content ...[]byte) []byte {
	all := slices.Concat(content...)
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 8+len(all)), uint32(8+len(all)))
	return append(append(b, kind...), all...)
}

// findBox returns the content of the first box of a kind, in the first box of the kind before it, and so on.
func findBox(data []byte, path ...string) ([]byte, error) {
	for _, kind := range path {
		found := false
		for !found && len(data) >= 8 {
			size := int(binary.BigEndian.Uint32(data))
			if size < 8 || size > len(data) {
				break
			}
			if found = string(data[4:8]) == kind; found {
				data = data[8:size]
			} else {
				data = data[size:]
			}
		}
		if !found {
			return nil, fmt.Errorf("no box %s in the HEIC", kind)
		}
	}
	return data, nil
}
