package engine

import (
	"bytes"
	"errors"
	"image/color"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/photo"
)

func TestJPEGKinds(t *testing.T) {
	m := scene(97, 61)
	e := engine(t, oneSpec(97, 97, Inside))
	for name, o := range map[string]*jpegn.EncodeOptions{
		"4:2:0": {Subsampling: jpegn.Subsample420}, "4:2:2": {Subsampling: jpegn.Subsample422},
		"4:4:0": {Subsampling: jpegn.Subsample440}, "4:4:4": {Subsampling: jpegn.Subsample444},
		"progressive": {Progressive: true}, "restarts": {RestartInterval: 2},
	} {
		o.Quality = 95
		imgs := render(t, e, toJPEG(t, m, o))
		if got := psnr(t, openImage(t, imgs[0]), m); got < 27 {
			t.Errorf("%s: %.1f dB", name, got)
		}
	}
	grey := render(t, e, toJPEG(t, m, &jpegn.EncodeOptions{Quality: 95, Subsampling: jpegn.SubsampleGray}))
	h, err := e.Inspect(grey[0].Data)
	if err != nil || h.Components != 1 {
		t.Errorf("a grey picture became one with %d components, %v", h.Components, err)
	}
	want := color.GrayModel.Convert(m.NRGBAAt(48, 30)).(color.Gray).Y
	if got := openImage(t, grey[0]).NRGBAAt(48, 30); !isClose(got, color.NRGBA{want, want, want, 255}, 6) {
		t.Errorf("grey %v, want %d", got, want)
	}
}

func TestJPEGColours(t *testing.T) {
	e := engine(t, oneSpec(8, 8, Inside))
	for name, c := range map[string]struct {
		file []byte
		want color.NRGBA
	}{
		// Adobe writes inks inverted: 255 is none.
		"CMYK red":       {flatJPEG(adobe(0), 255, 0, 0, 255), color.NRGBA{255, 0, 0, 255}},
		"CMYK paper":     {flatJPEG(adobe(0), 255, 255, 255, 255), color.NRGBA{255, 255, 255, 255}},
		"CMYK black":     {flatJPEG(adobe(0), 255, 255, 255, 0), color.NRGBA{0, 0, 0, 255}},
		"CMYK half grey": {flatJPEG(adobe(0), 255, 255, 255, 128), color.NRGBA{128, 128, 128, 255}},
		// YCCK is YCbCr of the inks themselves: cyan in it is not cyan on paper.
		"YCCK red":       {flatJPEG(adobe(2), 179, 171, 1, 255), color.NRGBA{255, 0, 0, 255}},
		"RGB":            {flatJPEG(adobe(0), 200, 30, 90), color.NRGBA{200, 30, 90, 255}},
		"YCbCr":          {flatJPEG(nil, 76, 85, 255), color.NRGBA{255, 0, 0, 255}},
		"YCbCr by Adobe": {flatJPEG(adobe(1), 76, 85, 255), color.NRGBA{255, 0, 0, 255}},
		// A JFIF file is YCbCr whatever else it says.
		"JFIF and Adobe": {flatJPEG(append(segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")), adobe(0)...), 76, 85, 255),
			color.NRGBA{255, 0, 0, 255}},
		"grey": {flatJPEG(nil, 77), color.NRGBA{77, 77, 77, 255}},
		// For a single component the segment means nothing. Browsers assume inverted inks even without it.
		"grey by Adobe":      {flatJPEG(adobe(0), 77), color.NRGBA{77, 77, 77, 255}},
		"grey by Adobe, 1":   {flatJPEG(adobe(1), 77), color.NRGBA{77, 77, 77, 255}},
		"grey by Adobe, 2":   {flatJPEG(adobe(2), 77), color.NRGBA{77, 77, 77, 255}},
		"CMYK without Adobe": {flatJPEG(nil, 255, 0, 0, 255), color.NRGBA{255, 0, 0, 255}},
		"inks, transform 1":  {flatJPEG(adobe(1), 179, 171, 1, 255), color.NRGBA{255, 0, 0, 255}},
	} {
		if got := openImage(t, render(t, e, c.file)[0]).NRGBAAt(4, 4); !isClose(got, c.want, 4) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestJPEGRefused(t *testing.T) {
	good := toJPEG(t, scene(40, 24), nil)
	frame := bytes.Index(good, []byte{0xff, markerSOF0})
	scan := bytes.Index(good, []byte{0xff, markerSOS})
	spoil := func(at int, b ...byte) []byte {
		s := bytes.Clone(good)
		copy(s[at:], b)
		return s
	}
	for name, c := range map[string]struct {
		file []byte
		want photo.Reason
	}{
		"lossless":           {spoil(frame+1, 0xc3), photo.ReasonUnsupported},
		"hierarchical":       {spoil(frame+1, 0xc5), photo.ReasonUnsupported},
		"arithmetic":         {spoil(frame+1, 0xc9), photo.ReasonUnsupported},
		"two components":     {spoil(frame+9, 2), photo.ReasonUnsupported},
		"sampling of 8":      {spoil(frame+11, 0x81), photo.ReasonCorrupt},
		"sampling of 0":      {spoil(frame+11, 0x01), photo.ReasonCorrupt},
		"16 bits":            {spoil(frame+4, 16), photo.ReasonUnsupported},
		"no height":          {spoil(frame+5, 0, 0), photo.ReasonUnsupported},
		"no width":           {spoil(frame+7, 0, 0), photo.ReasonCorrupt},
		"two frames":         {insert(good, scan, good[frame:frame+19]), photo.ReasonCorrupt},
		"no frame":           {bytes.Join([][]byte{good[:frame], good[frame+19:]}, nil), photo.ReasonCorrupt},
		"no scan":            {append(bytes.Clone(good[:scan]), 0xff, markerEOI), photo.ReasonCorrupt},
		"only the beginning": {good[:3], photo.ReasonTruncated},
	} {
		err := tryRender(engine(t, oneSpec(40, 40, Inside)), c.file)
		t.Run(name, func(t *testing.T) { wantReason(t, err, c.want) })
	}
}

func TestJPEGTolerates(t *testing.T) {
	good := toJPEG(t, scene(40, 24), nil)
	e := engine(t, oneSpec(40, 40, Inside))
	want := render(t, e, good)[0].Data
	frame := bytes.Index(good, []byte{0xff, markerSOF0})
	for name, file := range map[string][]byte{
		"bytes after the end":       append(bytes.Clone(good), "a motion picture, as phones append"...),
		"another JPEG after it":     append(bytes.Clone(good), good...),
		"fill bytes":                insert(good, frame, []byte{0xff, 0xff, 0xff}),
		"stray bytes":               insert(good, frame, []byte("stray")),
		"a thumbnail in a segment":  insert(good, 2, segment(0xe3, good)),
		"70 KB of segments":         insert(good, 2, append(segment(0xe4, make([]byte, 65000)), segment(0xe4, make([]byte, 5000))...)),
		"a second beginning":        insert(good, 2, []byte{0xff, markerSOI}),
		"a segment without length":  insert(good, 2, []byte{0xff, 0xe5, 0, 1}),
		"no end":                    good[:len(good)-2],
		"an application's own data": insert(good, 2, segment(markerAPP14, []byte("Ado"))),
	} {
		if got := render(t, e, file)[0].Data; !bytes.Equal(got, want) {
			t.Errorf("%s: another picture", name)
		}
	}
}

// TestScaledDecodingAgainstFullDecoding checks that scaled decoding gives the same as a full decode by the standard
// library and one pass of the filter. It compares the encoded files, since they are what matters, and have half the
// colour resolution anyway.
func TestScaledDecodingAgainstFullDecoding(t *testing.T) {
	comparesPixels(t)
	// If the scale does not divide a side, part of a pixel remains, and edges are off by up to half a pixel.
	for s, least := range map[size]float64{dim(800, 600): 38, dim(803, 603): 33} {
		m := scene(s.Width, s.Height)
		for name, o := range map[string]*jpegn.EncodeOptions{
			"baseline": {Quality: 92}, "progressive": {Quality: 92, Progressive: true}, "full chroma": {Quality: 92, Subsampling: jpegn.Subsample444},
		} {
			file := toJPEG(t, m, o)
			full := openImage(t, Image{Format: photo.JPEG, Width: s.Width, Height: s.Height, Data: file})
			for _, side := range []int{401, 400, 160, 100} {
				got := render(t, engine(t, oneSpec(side, side, Inside)), file)[0]
				oracle := encodeJPEG(t, shrink(full, dim(got.Width, got.Height)), 95)
				want := Image{Format: photo.JPEG, Width: got.Width, Height: got.Height, Data: oracle}
				if dB := psnr(t, openImage(t, got), openImage(t, want)); dB < least {
					t.Errorf("%v %s at %d: %.1f dB", s, name, side, dB)
				}
			}
		}
	}
}

// TestAnEndMarkerDoesNotHideACut cuts the picture data of a baseline JPEG and closes the file, as some programs do.
func TestAnEndMarkerDoesNotHideACut(t *testing.T) {
	e := engine(t, Config{})
	file := toJPEG(t, scene(640, 480), &jpegn.EncodeOptions{Quality: 90})
	for _, part := range []int{3, 5, 9} {
		cut := append(bytes.Clone(file[:len(file)*part/10]), 0xff, markerEOI)
		h, err := e.Inspect(cut)
		if err == nil {
			_, err = e.Render(t.Context(), cut, h, nil)
		}
		var r *Rejection
		if !errors.As(err, &r) || r.Reason() != photo.ReasonTruncated && r.Reason() != photo.ReasonCorrupt {
			t.Errorf("%d tenths of the file: %v, want truncated or corrupt", part, err)
		}
	}
}
