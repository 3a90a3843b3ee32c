package hevc

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// x265Stream is a picture and options for x265.
type x265Stream struct {
	picture *drawing
	options []string
	lists   string // scaling lists, or "" for none
}

func drawX265(seed uint64) *x265Stream {
	r := rand.New(rand.NewPCG(seed, 1))
	chroma, depth := []int{Chroma420, Chroma420, Chroma422, Chroma444, Grey}[r.IntN(5)], []int{8, 8, 10, 12}[r.IntN(4)]
	ctu := 16 << r.IntN(3)
	width, height := ctu+r.IntN(160), ctu+r.IntN(120) // x265 needs at least one coding tree block
	if chroma != Chroma444 {                          // x265 accepts only whole chroma samples
		width, height = width&^1, height&^1
	}
	e := &x265Stream{picture: draw(r, width, height, chroma, depth), options: optionsX265(r, chroma, width, height, ctu)}
	if r.IntN(6) == 0 {
		e.lists = scalingFile(r)
	}
	return e
}

func (e *x265Stream) String() string {
	p := e.picture
	s := fmt.Sprintf("%d x %d, chroma format %d, %d bits, %s", p.width, p.height, p.chroma, p.depth, strings.Join(e.options, " "))
	if e.lists != "" {
		s += " and scaling lists"
	}
	return s
}

// encode writes the stream to path, with a digest of the encoder's own reconstruction in it.
func (e *x265Stream) encode(t testing.TB, program, path string) {
	write := func(name string, content []byte) {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := e.picture
	write(path+".yuv", p.raw())
	args := []string{"--input", path + ".yuv", "--input-res", fmt.Sprintf("%dx%d", p.width, p.height), "--fps", "25",
		"--frames", "1", "--input-csp", []string{"i400", "i420", "i422", "i444"}[p.chroma],
		"--input-depth", strconv.Itoa(p.depth), "--output-depth", strconv.Itoa(p.depth), "--log-level", "error",
		"--pools", "2", "--frame-threads", "1", "--keyint", "1", "-o", path}
	args = append(args, e.options...)
	if e.lists != "" {
		write(path+".lists", []byte(e.lists))
		args = append(args, "--scaling-list", path+".lists")
	}
	if _, err := run(program, args...); err != nil {
		t.Fatalf("%s: %v", e, err)
	}
}

// optionsX265 draws options.
func optionsX265(r *rand.Rand, chroma, width, height, ctu int) []string {
	var args []string
	add := func(words ...string) { args = append(args, words...) }
	maybe := func(p float64, words ...string) {
		if r.Float64() < p {
			add(words...)
		}
	}
	number := func(low, high int) string { return strconv.Itoa(low + r.IntN(high-low+1)) }
	flag := func(name string) {
		if r.IntN(2) == 0 {
			add("--" + name)
		} else {
			add("--no-" + name)
		}
	}
	smallest := 8 << r.IntN(3)
	add("--preset", []string{"ultrafast", "veryfast", "medium", "slow", "slower"}[r.IntN(5)], "--ctu", strconv.Itoa(ctu),
		"--min-cu-size", strconv.Itoa(min(smallest, ctu)), "--max-tu-size", strconv.Itoa(min(4<<r.IntN(4), ctu)),
		"--tu-inter-depth", "1",
		"--tu-intra-depth", number(1, min(4, bits.Len(uint(ctu))-2)))
	switch r.IntN(6) {
	case 0:
		add("--lossless")
	case 1:
		add("--qp", number(10, 40), "--cu-lossless")
	case 2:
		add("--crf", number(5, 45), "--aq-mode", number(1, 3), "--qg-size", strconv.Itoa(max(min(smallest, ctu), 8<<r.IntN(3))))
	default:
		add("--qp", number(0, 51))
	}
	maybe(0.3, "--tskip")
	maybe(0.15, "--scaling-list", "default")
	for _, name := range []string{"strong-intra-smoothing", "constrained-intra", "signhide"} {
		flag(name)
	}
	filterOptions(r, width/ctu, height/ctu, add, flag)
	add("--rdoq-level", number(0, 2), "--rd", number(1, 6))
	if chroma != Grey {
		maybe(0.5, "--cbqpoffs", number(-12, 12), "--crqpoffs", number(-12, 12))
	}
	maybe(0.3, "--range", "full", "--colorprim", "bt709", "--transfer", "bt709", "--colormatrix", "bt709")
	return args
}

// filterOptions draws options of the loop filters, slices and wavefronts. It leaves out options with which x265 3.5
// fails. The encoder hangs with wavefronts and adaptive offset alone, writes empty slices in narrow pictures, and
// writes a wrong digest with slices.
func filterOptions(r *rand.Rand, columns, rows int, add func(...string), flag func(string)) {
	deblock := r.IntN(3) > 0
	if !deblock {
		add("--no-deblock")
	} else if r.IntN(3) > 0 {
		add("--deblock", fmt.Sprintf("%d:%d", r.IntN(13)-6, r.IntN(13)-6))
	}
	if columns > 2 && rows > 3 && r.IntN(3) == 0 {
		add("--no-sao", "--wpp", "--slices", "2")
		return
	}
	add("--hash", "1")
	switch {
	case r.IntN(2) == 0:
		add("--no-sao")
		flag("wpp")
	case deblock:
		add("--sao")
		flag("wpp")
	default:
		add("--sao", "--no-wpp")
	}
	if r.IntN(5) == 0 {
		add("--aud", "--repeat-headers", "--hrd", "--vbv-bufsize", "1000", "--vbv-maxrate", "1000", "--bitrate", "500")
	}
}

// scalingFile returns scaling lists in the format of HM.
func scalingFile(r *rand.Rand) string {
	var b strings.Builder
	for size, name := range []string{"4X4", "8X8", "16X16", "32X32"} {
		for mode, prediction := range []string{"INTRA", "INTER"} {
			for component, plane := range []string{"LUMA", "CHROMAU", "CHROMAV"} {
				fmt.Fprintf(&b, "%s%s_%s\n", prediction, name, plane)
				for i := range min(64, 16<<(2*size)) {
					fmt.Fprintf(&b, "%d,", 8+r.IntN(40)+(i+mode+component)%8)
				}
				b.WriteString("\n")
				if size > 1 {
					fmt.Fprintf(&b, "%s%s_%s_DC\n%d,\n", prediction, name, plane, 8+r.IntN(40))
				}
			}
		}
	}
	return b.String()
}

// TestX265 decodes streams of x265 with random options. It compares every sample with a digest from the encoder, and
// with libde265.
func TestX265(t *testing.T) {
	program := tool.Find(t, "x265")
	reference := libde265(t)
	dir := t.TempDir()
	for seed := range uint64(*streams) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			e := drawX265(seed)
			path := filepath.Join(dir, strconv.FormatUint(seed, 10)+".265")
			e.encode(t, program, path)
			compareX265(t, e, path, reference)
		})
	}
}

func compareX265(t *testing.T, e *x265Stream, path string, reference oracle) {
	stream, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var d Decoder
	p, err := d.Decode(t.Context(), splitAnnexB(stream))
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	if slices.Contains(e.options, "--hash") {
		if err := d.checkHash(splitAnnexB(stream)); err != nil {
			t.Errorf("%s: differs from the encoder: %v", e, err)
		}
	}
	want, err := reference.decode(path)
	diff := ""
	if err != nil {
		diff = err.Error()
	} else {
		diff = difference(p, want)
	}
	switch known := e.libde265Fault(); {
	case diff == "":
	case known == "":
		t.Errorf("%s: differs from %s in %s", e, reference.name, diff)
	default:
		t.Logf("%s: %s, which %s, differs in %s", e, reference.name, known, diff)
	}
}

// libde265Fault names the part of the picture that libde265 may decode differently from x265, or returns "".
func (e *x265Stream) libde265Fault() string {
	switch {
	case e.picture.chroma == Grey:
		return "fails to crop pictures without chroma"
	case e.picture.chroma == Chroma444:
		return "smooths borders of 32x32 chroma blocks"
	case e.picture.chroma == Chroma422 && e.picture.depth == 12:
		return "wraps large chroma coefficients"
	}
	return ""
}
