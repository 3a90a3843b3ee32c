package gifscan

// Application extensions (26) that are read, by their identifiers and authentication codes.
const (
	xmpExtension         = "\x0bXMP DataXMP"          // XMP Specification, part 3, 1.1.2
	credentialsExtension = "\x0bC2PA_GIF\x01\x00\x00" // C2PA 2.2, A.3.4

	// An XMP packet is not in sub-blocks. A trailer follows, so that one who takes its bytes for their lengths still
	// finds the end: 1, and then 255 down to 0. The terminator of the extension comes last.
	xmpTrailer = 257 + 1

	maxParts = 1 << 14 // sub-blocks of a store: 4 MiB
)

// application takes an application extension after its label, with its terminator. Of several of a kind the first one
// counts.
func (f *File) application(block []byte) {
	head := string(block[:min(len(block), len(xmpExtension))])
	body := block[len(head):]
	switch {
	case head == xmpExtension && f.XMP == nil && len(body) >= xmpTrailer && body[len(body)-xmpTrailer] == 1:
		f.XMP = body[:len(body)-xmpTrailer]
	case head == credentialsExtension && f.Credentials == nil:
		for len(body) > 0 && body[0] > 0 && len(f.Credentials) < maxParts {
			n := min(1+int(body[0]), len(body))
			f.Credentials = append(f.Credentials, body[1:n])
			body = body[n:]
		}
	}
}
