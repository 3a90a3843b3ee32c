package heif

import (
	"encoding/binary"
	"fmt"
	"slices"
)

func truncatedSample(n int) error { return fmt.Errorf("%w: no data of frame %d", ErrTruncated, n+1) }

// maxFramesOfSample is how many frames a sample may have: the one that it shows, and some that are only references.
const maxFramesOfSample = 16

// checkSamples is checkAV1 for the samples of a run. Each sequence header must be for the size that the file announces,
// the first sample must have one, and no sample may have more than maxFramesOfSample frames.
func checkSamples(samples [][]byte, announced coded) error {
	sequences := 0
	for n, data := range samples {
		frames := 0
		for units := 1; len(data) > 0; units++ {
			if err := checkLimit(Units, units, maxUnits); err != nil {
				return err
			}
			kind, body, rest, err := nextOBU(data)
			if err != nil {
				return err
			}
			data = rest
			switch kind {
			case obuSequence:
				sequences++
				c, err := readSequence(body)
				if err != nil {
					return err
				}
				if c.width != announced.width || c.height != announced.height {
					return corrupt("AV1 sequence of %d x %d in a track of %d x %d", c.width, c.height, announced.width, announced.height)
				}
				if c.grain && !announced.grain {
					return unsupported("film grain that the first AV1 sequence header does not announce")
				}
			case obuFrame, obuFrameHeader:
				if frames++; frames > maxFramesOfSample {
					return unsupported("more than %d AV1 frames in a sample", maxFramesOfSample)
				}
			}
		}
		if n == 0 && sequences == 0 {
			return unsupported("no AV1 sequence header in a frame that others depend on")
		}
	}
	return nil
}

// sequenceFile returns a file of samples for the codec in the sandbox. It holds only what decoding needs, and shows
// each sample for a second.
func sequenceFile(p *picture, samples [][]byte) []byte {
	u16, u32 := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	count := uint32(len(samples))
	numbers := func(values ...uint32) (b []byte) {
		for _, v := range values {
			b = u32(b, v)
		}
		return b
	}
	colours := p.matrix()
	if p.tiles[0].isSubsampled() {
		colours = codecColours
	}
	entry := box("av01", make([]byte, 7), []byte{1}, make([]byte, 16),
		u16(u16(nil, uint16(p.width)), uint16(p.height)), make([]byte, 50), box("av1C", p.tiles[0].deepConfig()), colourProperty(colours))
	sizes, length := numbers(0, 0, count), 0
	for _, s := range samples {
		sizes = u32(sizes, uint32(len(s)))
		length += len(s)
	}
	ftyp := box("ftyp", []byte("avis\x00\x00\x00\x00avismsf1miaf"))
	movie := func(offset int) []byte {
		return box("moov",
			box("mvhd", numbers(0, 0, 0, 1, count), make([]byte, 80)),
			box("trak",
				box("tkhd", numbers(1, 0, 0, 1, 0, count), make([]byte, 52), numbers(uint32(p.width)<<16, uint32(p.height)<<16)),
				box("mdia",
					box("mdhd", numbers(0, 0, 0, 1, count, 0)),
					box("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
					box("minf", box("stbl",
						box("stsd", numbers(0, 1), entry),
						box("stts", numbers(0, 1, count, 1)),
						box("stsc", numbers(0, 1, 1, count, 1)),
						box("stsz", sizes),
						box("stco", numbers(0, 1, uint32(offset))))))))
	}
	offset := len(ftyp) + len(movie(0)) + 8
	mdat := append(u32(nil, uint32(8+length)), "mdat"...)
	return slices.Concat(append([][]byte{ftyp, movie(offset), mdat}, samples...)...)
}
