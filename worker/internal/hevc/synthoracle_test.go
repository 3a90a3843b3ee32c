package hevc

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var (
	streams = flag.Int("streams", 16, "compare this many generated streams of each kind with other decoders")
	update  = flag.Bool("update", false, "write the digests of generated pictures to testdata")
)

// digestFile lists pictures of newSynth: seed, whether it is extended, and a digest of the samples.
const digestFile = "testdata/synth.txt"

func digest(p *Picture) string { return fmt.Sprintf("%x", sha256.Sum256(rawSamples(p)))[:16] }

// TestSynthDigests decodes generated pictures whose samples other decoders have confirmed. It does not need those
// decoders.
func TestSynthDigests(t *testing.T) {
	if *update {
		writeDigests(t)
	}
	f, err := os.Open(digestFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var d Decoder
	count := 0
	for lines := bufio.NewScanner(f); lines.Scan(); count++ {
		var seed uint64
		var extended bool
		var want string
		if _, err := fmt.Sscan(lines.Text(), &seed, &extended, &want); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		p, err := d.Decode(t.Context(), newSynth(seed, extended).units())
		if err != nil {
			t.Errorf("seed %d, extended %t: %v", seed, extended, err)
		} else if got := digest(p); got != want {
			t.Errorf("seed %d, extended %t: digest of the samples is %s, want %s", seed, extended, got, want)
		}
	}
	if count < 100 {
		t.Errorf("%d pictures, want at least 100", count)
	}
}

// writeDigests writes the digests of pictures that another decoder confirms.
func writeDigests(t *testing.T) {
	oracles := synthOracles(t)
	dir := t.TempDir()
	var b strings.Builder
	for seed := range uint64(300) {
		extended := seed%3 > 0
		p, confirmed, err := oracles.compare(dir, seed, extended)
		if err != nil {
			t.Fatalf("seed %d, extended %t: %v", seed, extended, err)
		}
		if confirmed {
			fmt.Fprintln(&b, seed, extended, digest(p))
		}
	}
	if err := os.WriteFile(digestFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSynth compares generated pictures with libde265 and, if it is installed, FFmpeg.
func TestSynth(t *testing.T) {
	oracles := synthOracles(t)
	dir := t.TempDir()
	for i := range *streams {
		seed, extended := uint64(i)+1000, i%3 > 0
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			if _, _, err := oracles.compare(dir, seed, extended); err != nil {
				t.Errorf("seed %d, extended %t: %v", seed, extended, err)
			}
		})
	}
}

// synthOracle is a decoder that generated pictures are compared with.
type synthOracle struct {
	oracle
	// fault returns why the decoder may decode a picture wrongly, or "".
	fault func(g *synth) string
	// adapt avoids a fault if it can do so without changing the samples.
	adapt func(g *synth)
}

type synthComparison []synthOracle

func synthOracles(t *testing.T) synthComparison {
	oracles := synthComparison{{libde265(t), (*synth).libde265Fault, (*synth).avoidCropping}}
	if o, err := ffmpeg(); err == nil {
		oracles = append(oracles, synthOracle{o, (*synth).ffmpegFault, (*synth).avoidConstraint})
	}
	return oracles
}

// compare decodes a generated picture. It returns an error if a decoder without a known fault in the picture's tools
// disagrees. Otherwise confirmed says whether a decoder agrees in all samples.
func (oracles synthComparison) compare(dir string, seed uint64, extended bool) (p *Picture, confirmed bool, err error) {
	var d Decoder
	for _, o := range oracles {
		g := newSynth(seed, extended)
		o.adapt(g)
		fault := o.fault(g)
		units := g.units()
		path := filepath.Join(dir, fmt.Sprint(o.name, seed, extended))
		if err := os.WriteFile(path, annexB(units), 0o600); err != nil {
			return nil, false, err
		}
		defer os.Remove(path)
		if p, err = d.Decode(context.Background(), units); err != nil {
			return nil, false, err
		}
		want, err := o.decode(path)
		diff := ""
		if err != nil {
			diff = err.Error()
		} else {
			diff = difference(p, want)
		}
		switch {
		case diff == "":
			confirmed = true
		case fault == "":
			return nil, false, fmt.Errorf("differs from %s: %s", o.name, diff)
		}
	}
	if p, err = d.Decode(context.Background(), newSynth(seed, extended).units()); err != nil {
		return nil, false, errors.Join(errors.New("as drawn"), err)
	}
	return p, confirmed, nil
}
