package pngscan

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// textChunk returns a chunk with its checksum.
func textChunk(kind, payload string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), kind...)
	b = append(b, payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func TestTexts(t *testing.T) {
	ihdr, idat, iend := textChunk("IHDR", "\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"), textChunk("IDAT", "x\x9cc`\x00\x00\x00\x02\x00\x01"), textChunk("IEND", "")
	broken := textChunk("tEXt", "Author\x00x")
	broken[len(broken)-1]++
	for name, c := range map[string]struct {
		chunk []byte
		want  []Text
	}{
		"tEXt":                    {textChunk("tEXt", "Author\x00Zo\xeb"), []Text{{"Author", []byte("Zo\xeb"), true, false}}},
		"tEXt without a text":     {textChunk("tEXt", "Author\x00"), []Text{{"Author", []byte{}, true, false}}},
		"tEXt without an end":     {textChunk("tEXt", "Author"), nil},
		"another keyword":         {textChunk("tEXt", "Comment\x00x"), nil},
		"a longer keyword":        {textChunk("tEXt", "Authority\x00x"), nil},
		"zTXt":                    {textChunk("zTXt", "Copyright\x00\x00zlib"), []Text{{"Copyright", []byte("zlib"), true, true}}},
		"zTXt of another method":  {textChunk("zTXt", "Copyright\x00\x01zlib"), nil},
		"zTXt without a method":   {textChunk("zTXt", "Copyright\x00"), nil},
		"iTXt":                    {textChunk("iTXt", "Description\x00\x00\x00de\x00Beschreibung\x00Text"), []Text{{"Description", []byte("Text"), false, false}}},
		"iTXt, deflated":          {textChunk("iTXt", KeywordXMP+"\x00\x01\x00\x00\x00zlib"), []Text{{KeywordXMP, []byte("zlib"), false, true}}},
		"iTXt of another method":  {textChunk("iTXt", KeywordXMP+"\x00\x01\x01\x00\x00zlib"), nil},
		"iTXt of another flag":    {textChunk("iTXt", KeywordXMP+"\x00\x02\x00\x00\x00zlib"), nil},
		"iTXt without a language": {textChunk("iTXt", KeywordXMP+"\x00\x00\x00de"), nil},
		"iTXt that ends":          {textChunk("iTXt", KeywordXMP+"\x00\x00"), nil},
		"two with a keyword":      {append(textChunk("tEXt", "Author\x00a"), textChunk("zTXt", "Author\x00\x00b")...), []Text{{"Author", []byte("a"), true, false}}},
		"two keywords":            {append(textChunk("tEXt", "Author\x00a"), textChunk("tEXt", "Copyright\x00b")...), []Text{{"Author", []byte("a"), true, false}, {"Copyright", []byte("b"), true, false}}},
		"a wrong checksum":        {broken, nil},
	} {
		for place, file := range map[string][]byte{
			"before the pixels": slices.Concat([]byte(Signature), ihdr, c.chunk, idat, iend),
			"after the pixels":  slices.Concat([]byte(Signature), ihdr, idat, c.chunk, iend),
		} {
			f, err := Open(file, false)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, place, err)
			}
			if diff := cmp.Diff(c.want, f.Texts); diff != "" {
				t.Errorf("%s, %s: want (-), got (+):\n%s", name, place, diff)
			}
		}
	}
}

func TestCredentialsChunk(t *testing.T) {
	file := slices.Concat([]byte(Signature), textChunk("IHDR", "\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"), textChunk("caBX", "one"), textChunk("caBX", "two"),
		textChunk("IDAT", "x\x9cc`\x00\x00\x00\x02\x00\x01"), textChunk("IEND", ""))
	f, err := Open(file, false)
	if err != nil || !bytes.Equal(f.Credentials, []byte("one")) {
		t.Errorf("%q, %v", f.Credentials, err)
	}
}
