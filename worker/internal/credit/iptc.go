package credit

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
)

// Photoshop image resources (Adobe Photoshop File Formats Specification, Image Resources Section).
const (
	resourceIPTC   = 0x0404
	resourceDigest = 0x0425 // MD5 of the IPTC-IIM that XMP was last synchronised with
)

// readResources returns the texts of the IPTC-IIM in Photoshop's image resources, and whether it has changed since XMP
// was written. Without a digest, IPTC-IIM counts as unchanged.
func readResources(data []byte) (found texts, newer bool) {
	var iptc, digest []byte
	for len(data) >= 12 && string(data[:4]) == "8BIM" {
		id := binary.BigEndian.Uint16(data[4:])
		name := (1 + int(data[6]) + 1) &^ 1 // a Pascal string, padded to an even length
		if len(data) < 6+name+4 {
			break
		}
		size := int64(binary.BigEndian.Uint32(data[6+name:]))
		body := data[6+name+4:]
		if size > int64(len(body)) {
			break
		}
		data = body[min(size+size&1, int64(len(body))):]
		body = body[:size]
		switch {
		case id == resourceIPTC && iptc == nil:
			iptc = body
		case id == resourceDigest && digest == nil && size == md5.Size:
			digest = body
		}
	}
	if iptc == nil {
		return nil, false
	}
	sum := md5.Sum(iptc)
	return readIPTC(iptc), digest != nil && !bytes.Equal(sum[:], digest)
}

// Datasets of the application record (IIM 4.2, chapter 6), which has number 2.
var datasets = map[byte]Field{80: Creator, 110: Credit, 116: Copyright, 120: Description}

// maxRepeats is the most creators that are read.
const maxRepeats = 32

// readIPTC returns the texts of a block of IPTC-IIM. Its dataset 1:90 declares UTF-8 with the escape sequence ESC % G.
// Writers often omit it, so text without the sequence is checked for valid UTF-8.
func readIPTC(data []byte) texts {
	values := map[Field][]string{}
	decodeText := decode
	for len(data) >= 5 && data[0] == 0x1c {
		record, dataset := data[1], data[2]
		size := int(binary.BigEndian.Uint16(data[3:]))
		if data = data[5:]; size > len(data) || size >= 1<<15 { // the extended form, for long data such as pictures
			break
		}
		value := data[:size]
		data = data[size:]
		if record == 1 && dataset == 90 {
			decodeText = charset(value)
		}
		if f, ok := datasets[dataset]; ok && record == 2 && len(values[f]) < maxRepeats && (f == Creator || values[f] == nil) {
			values[f] = append(values[f], decodeText(bytes.TrimRight(value, "\x00")))
		}
	}
	found := texts{}
	for f, v := range values {
		found[f] = join(v)
	}
	return found
}

// charset returns the function that decodes texts, given the value of dataset 1:90.
func charset(escape []byte) func([]byte) string {
	switch string(escape) {
	case "\x1b%G":
		return func(text []byte) string { return string(text) } // invalid UTF-8 is removed later
	case "\x1b-A", "\x1b.A":
		return decodeLatin1
	}
	return decode
}
