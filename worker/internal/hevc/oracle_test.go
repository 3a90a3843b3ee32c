package hevc

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/testkit/tool"
)

// An oracle is another decoder, run as a program. It returns the samples of all planes of the picture in a file of NAL
// units with start codes: one byte each if the plane has 8 bits, otherwise two with the low byte first.
type oracle struct {
	name   string
	decode func(path string) ([]byte, error)
}

// oracleTime bounds one run of a program. Real runs take milliseconds.
const oracleTime = time.Minute

// libde265 returns the decoder of libde265. It skips the test if the decoder is missing.
func libde265(t testing.TB) oracle {
	program := tool.Find(t, "libde265-dec265", "dec265")
	return oracle{"libde265", func(path string) ([]byte, error) {
		out := path + ".de265.yuv"
		defer os.Remove(out)
		message, err := run(program, "-q", "-L", "-o", out, path)
		if err != nil {
			return nil, err
		}
		samples, err := os.ReadFile(out)
		if err != nil {
			return nil, fmt.Errorf("no picture: %s", message)
		}
		return samples, nil
	}}
}

// ffmpeg returns the decoder of FFmpeg. It is a second opinion: its range extensions are independent of libde265. If
// the program is missing, ffmpeg returns an error, and tests run without it.
func ffmpeg() (oracle, error) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		return oracle{}, err
	}
	return oracle{"ffmpeg", func(path string) ([]byte, error) {
		out := path + ".ffmpeg.yuv"
		defer os.Remove(out)
		// Without "unaligned" it moves the conformance window to an aligned address.
		message, err := run(program, "-v", "repeat+error", "-nostdin", "-threads", "1", "-flags", "unaligned", "-f", "hevc", "-i", path,
			"-fps_mode", "passthrough", "-frames:v", "1", "-f", "rawvideo", "-y", out)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(message) {
			// FFmpeg says this about chroma offset lists, and applies them all the same.
			if !strings.Contains(line, "not yet tested") {
				return nil, errors.New(line)
			}
		}
		return os.ReadFile(out)
	}}, nil
}

// run runs a program and returns its standard error.
func run(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), oracleTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var message bytes.Buffer
	cmd.Stderr = &message
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(program), err, bytes.TrimSpace(message.Bytes()))
	}
	return message.String(), nil
}

// annexB joins NAL units with start codes (B.2).
func annexB(units [][]byte) []byte {
	var stream []byte
	for _, u := range units {
		stream = append(append(stream, 0, 0, 0, 1), u...)
	}
	return stream
}

// splitAnnexB returns the NAL units of a stream with start codes (B.2).
func splitAnnexB(stream []byte) [][]byte {
	var units [][]byte
	for _, part := range bytes.Split(stream, []byte{0, 0, 1})[1:] {
		units = append(units, bytes.TrimRight(part, "\x00"))
	}
	return units
}

// rawSamples returns a picture as an oracle writes it.
func rawSamples(p *Picture) []byte {
	var out []byte
	for _, plane := range p.Planes {
		for y := range plane.Height {
			for _, v := range plane.Pix[y*plane.Stride:][:plane.Width] {
				out = append(out, byte(v))
				if plane.Depth > 8 {
					out = append(out, byte(v>>8))
				}
			}
		}
	}
	return out
}

// difference returns where the samples of an oracle first differ from those of the picture, or "" if they are equal.
func difference(p *Picture, samples []byte) string {
	total, different, first := 0, 0, ""
	for c, plane := range p.Planes {
		size := 1 + bit(plane.Depth > 8)
		for y := range plane.Height {
			for x, v := range plane.Pix[y*plane.Stride:][:plane.Width] {
				if len(samples) < size {
					return fmt.Sprintf("only %d samples", total)
				}
				want := uint16(samples[0])
				if size == 2 {
					want |= uint16(samples[1]) << 8
				}
				samples = samples[size:]
				total++
				if v == want {
					continue
				}
				if different++; first == "" {
					first = fmt.Sprintf("component %d at %d, %d: %d, want %d", c, x, y, v, want)
				}
			}
		}
	}
	switch {
	case len(samples) > 0:
		return fmt.Sprintf("%d bytes more than %d samples", len(samples), total)
	case different > 0:
		return fmt.Sprintf("%d of %d samples, first %s", different, total, first)
	}
	return ""
}

// checkHash compares the last decoded picture with the MD5 digests in its units (decoded picture hash, D.3.19).
func (d *Decoder) checkHash(units [][]byte) error {
	const nalSuffixSEI, pictureHash, hashMD5 = 40, 132, 0
	for _, nal := range units {
		u, err := parseUnit(nal)
		if err != nil || u.kind != nalSuffixSEI || len(u.data) < 3 || u.data[0] != pictureHash || u.data[2] != hashMD5 {
			continue
		}
		hashes := u.data[3:]
		for c, p := range d.frame.planes {
			h := md5.New()
			for y := range p.height {
				for _, v := range p.pix[y*p.stride:][:p.width] {
					h.Write([]byte{byte(v), byte(v >> 8)}[:1+bit(p.depth > 8)])
				}
			}
			if sum := h.Sum(nil); len(hashes) < 16*(c+1) || !bytes.Equal(sum, hashes[16*c:][:16]) {
				return fmt.Errorf("digest of component %d is %x", c, sum)
			}
		}
		return nil
	}
	return errors.New("no digest of the picture in the stream")
}
