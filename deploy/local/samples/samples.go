// Package samples draws photos to test the system with, and knows the outcome of each.
//
// A picture has one colour in each quarter, so four pixels of a variant show that it is upright and whole: see
// [Sample.Check]. Drawing is deterministic: the same arguments give the same bytes.
package samples

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"slices"

	"darkroom/worker/photo"

	"github.com/gen2brain/jpegn"
)

// Sample is a file and its expected outcome.
type Sample struct {
	Name        string // file name, unique in its list
	ContentType string // type that an uploader would declare
	Bytes       []byte

	State         photo.State  // Ready or Rejected
	Reason        photo.Reason // only if Rejected
	Width, Height int          // pixels, upright; only if Ready

	quarters [4]color.NRGBA // top left, top right, bottom left, bottom right; only if Ready
}

// recipe says how to draw and encode a picture.
type recipe struct {
	name          string
	width, height int   // pixels, upright
	orientation   uint8 // EXIF orientation, or 0 for no EXIF
	progressive   bool
	grey          bool
	hole          bool // transparent disc in the middle, only for PNG
	format        photo.Format
	seed          uint32
	quarters      *[4]color.NRGBA // nil for the default colours
}

// sample draws and encodes the picture.
func (r recipe) sample() (Sample, error) {
	p := picture{width: r.width, height: r.height, quarters: colours, seed: r.seed, hole: r.hole}
	if r.grey {
		p.quarters = greys
	}
	if r.quarters != nil {
		p.quarters = *r.quarters
	}
	var b bytes.Buffer
	var err error
	switch r.format {
	case photo.JPEG:
		opts := &jpegn.EncodeOptions{Quality: 88, Progressive: r.progressive}
		if r.orientation > 0 {
			opts.Exif = exif(r.orientation)
		}
		var m image.Image = p.draw(r.orientation)
		if r.grey {
			m = toGrey(m)
		}
		err = jpegn.Encode(&b, m, opts)
	case photo.PNG:
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, p.draw(1))
	case photo.GIF:
		err = gif.Encode(&b, p.indexed(), nil)
	case photo.WebP:
		c := p.quarters[1]
		p.quarters = [4]color.NRGBA{c, c, c, c}
		b.Write(plainWebP(r.width, r.height, c))
	default:
		err = fmt.Errorf("no encoder for %s", r.format)
	}
	if err != nil {
		return Sample{}, fmt.Errorf("sample %s: %w", r.name, err)
	}
	return Sample{
		Name: r.name, ContentType: r.format.ContentType(), Bytes: b.Bytes(),
		State: photo.Ready, Width: r.width, Height: r.height, quarters: p.quarters,
	}, nil
}

// Photo returns a JPEG of the given upright size in pixels. orientation is the EXIF orientation, 1 to 8, or 0 for no
// EXIF. Photos with different seeds have different bytes.
func Photo(name string, width, height int, orientation uint8, seed uint32) (Sample, error) {
	return recipe{name: name, width: width, height: height, orientation: orientation, format: photo.JPEG,
		seed: seed}.sample()
}

// phoneHEIC is a picture of 1024 x 768 pixels as [recipe.sample] draws it, encoded by x265. Darkroom has no HEIC
// encoder.
//
//go:embed phone.heic
var phoneHEIC []byte

// HEIC returns a picture of 1024 x 768 pixels. Pictures with different seeds show the same and have different bytes.
func HEIC(seed uint64) Sample {
	s := heic(fmt.Sprintf("phone-%d.heic", seed))
	// Readers skip a box of the type free (ISO/IEC 14496-12, 8.1.2).
	unused := binary.BigEndian.AppendUint64([]byte("\x00\x00\x00\x10free"), seed)
	s.Bytes = slices.Concat(s.Bytes, unused)
	return s
}

func heic(name string) Sample {
	return Sample{Name: name, ContentType: photo.HEIC.ContentType(), Bytes: phoneHEIC, State: photo.Ready, Width: 1024,
		Height: 768, quarters: colours}
}

func drawAll(recipes []recipe) ([]Sample, error) {
	all := make([]Sample, 0, len(recipes)+4)
	for _, r := range recipes {
		s, err := r.sample()
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Demo returns 14 photos for the demo.
func Demo() ([]Sample, error) {
	all, err := drawAll([]recipe{
		{name: "landscape-12mp.jpg", width: 4000, height: 3000, format: photo.JPEG},
		{name: "phone-portrait.jpg", width: 1200, height: 1600, orientation: 6, format: photo.JPEG},
		{name: "upside-down.jpg", width: 1800, height: 1200, orientation: 3, format: photo.JPEG},
		{name: "selfie-mirrored.jpg", width: 900, height: 1200, orientation: 5, format: photo.JPEG},
		{name: "progressive.jpg", width: 2400, height: 1600, progressive: true, format: photo.JPEG},
		{name: "grey.jpg", width: 1000, height: 1500, grey: true, format: photo.JPEG},
		{name: "tall.jpg", width: 600, height: 6000, format: photo.JPEG},
		{name: "transparent.png", width: 900, height: 600, hole: true, format: photo.PNG},
		{name: "icon.png", width: 40, height: 30, format: photo.PNG},
		{name: "drawing.gif", width: 640, height: 480, format: photo.GIF},
		{name: "plain.webp", width: 1280, height: 960, format: photo.WebP},
	})
	if err != nil {
		return nil, err
	}
	return append(all, heic("phone.heic"), truncated("truncated.jpg", all[4].Bytes), Notes("notes.jpg")), nil
}

// Mixed returns 40 different photos of every kind: sizes down to 1x1, all orientations, and files that are rejected for
// each reason, among them a [Bomb] of 20000 x 20000 pixels.
func Mixed() ([]Sample, error) {
	var recipes []recipe
	add := func(r recipe) {
		r.seed = uint32(len(recipes) + 1)
		recipes = append(recipes, r)
	}
	for o := range uint8(9) { // 0: no EXIF
		add(recipe{name: fmt.Sprintf("orientation-%d.jpg", o), width: 1200 + 8*int(o), height: 900, orientation: o,
			progressive: o%2 == 1, format: photo.JPEG})
	}
	for i, s := range []image.Point{{4000, 3000}, {1601, 1600}, {1600, 1067}, {801, 533}, {333, 500}, {64, 4096}, {17, 13}, {2, 3}} {
		add(recipe{name: fmt.Sprintf("size-%d.jpg", i), width: s.X, height: s.Y, format: photo.JPEG})
	}
	for i, s := range []image.Point{{1920, 1080}, {700, 700}, {31, 1700}} {
		add(recipe{name: fmt.Sprintf("grey-%d.jpg", i), width: s.X, height: s.Y, grey: true, progressive: i == 1,
			format: photo.JPEG})
	}
	for i, s := range []image.Point{{1, 1}, {1024, 768}, {300, 1200}, {2000, 250}} {
		add(recipe{name: fmt.Sprintf("picture-%d.png", i), width: s.X, height: s.Y, format: photo.PNG})
	}
	for i, s := range []image.Point{{640, 480}, {257, 255}, {900, 1350}} {
		add(recipe{name: fmt.Sprintf("transparent-%d.png", i), width: s.X, height: s.Y, hole: true, format: photo.PNG})
	}
	for i, s := range []image.Point{{320, 200}, {600, 800}} {
		add(recipe{name: fmt.Sprintf("drawing-%d.gif", i), width: s.X, height: s.Y, format: photo.GIF})
	}
	for i, s := range []image.Point{{1600, 1200}, {123, 456}, {3000, 2000}} {
		add(recipe{name: fmt.Sprintf("plain-%d.webp", i), width: s.X, height: s.Y, format: photo.WebP})
	}
	all, err := drawAll(recipes)
	if err != nil {
		return nil, err
	}
	var bomb bytes.Buffer
	if err := Bomb(&bomb, 20_000, 20_000); err != nil {
		return nil, err
	}
	return append(all,
		heic("phone.heic"),
		truncated("truncated-0.jpg", all[0].Bytes),
		truncated("truncated-1.jpg", all[1].Bytes), // progressive
		Notes("notes.jpg"),
		damaged("damaged.png", all[21].Bytes),
		Sample{Name: "empty.gif", ContentType: photo.GIF.ContentType(), Bytes: []byte("GIF89a"), State: photo.Rejected,
			Reason: photo.ReasonTruncated},
		Sample{Name: "bomb.png", ContentType: photo.PNG.ContentType(), Bytes: bomb.Bytes(), State: photo.Rejected,
			Reason: photo.ReasonTooManyPixels},
		Sample{Name: "bomb.webp", ContentType: photo.WebP.ContentType(), Bytes: plainWebP(16_383, 16_383, colours[0]),
			State: photo.Rejected, Reason: photo.ReasonTooManyPixels},
	), nil
}

// truncated returns the first part of a photo, as if its upload had stopped unnoticed.
func truncated(name string, jpeg []byte) Sample {
	return Sample{Name: name, ContentType: photo.JPEG.ContentType(), Bytes: jpeg[:len(jpeg)*3/5], State: photo.Rejected,
		Reason: photo.ReasonTruncated}
}

// Notes returns a text file that claims to be a JPEG.
func Notes(name string) Sample {
	return Sample{
		Name: name, ContentType: photo.JPEG.ContentType(), Bytes: []byte("Remember to water the plants.\n"),
		State: photo.Rejected, Reason: photo.ReasonUnsupported,
	}
}

// damaged returns a PNG with one wrong bit in the middle, which the checksum of the chunk reveals.
func damaged(name string, png []byte) Sample {
	b := bytes.Clone(png)
	b[len(b)/2] ^= 1
	return Sample{Name: name, ContentType: photo.PNG.ContentType(), Bytes: b, State: photo.Rejected,
		Reason: photo.ReasonCorrupt}
}
