package gifscan

// Identifiers and authentication codes of the application extensions (26) that are read.
const (
	xmpExtension         = "\x0bXMP DataXMP"          // XMP Specification, part 3, 1.1.2
	credentialsExtension = "\x0bC2PA_GIF\x01\x00\x00" // C2PA 2.2, A.3.4

	// An XMP packet is not stored in sub-blocks. A trailer follows it: 1, and then 255 down to 0. So a reader that
	// takes the packet for sub-blocks still finds the end. The terminator of the extension comes last.
	xmpTrailer = 257 + 1

	maxParts = 1 << 14 // sub-blocks of a store: 4 MiB
)

// application reads an application extension, from after its label to its terminator. If there are several of a kind,
// the first one counts.
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
