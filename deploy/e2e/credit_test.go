package e2e

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/samples"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// signedPhoto returns a JPEG whose EXIF names its author and a place, with a store of content credentials.
func signedPhoto(t *testing.T, author, place string) []byte {
	t.Helper()
	plain, err := samples.Photo("signed.jpg", 320, 240, 0, 7)
	if err != nil {
		t.Fatal(err)
	}
	be := binary.BigEndian
	segment := func(marker byte, payload []byte) []byte {
		return append(be.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2)), payload...)
	}
	const values = 8 + 2 + 2*12 + 4
	exif := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08"), 0, 2)
	for i, text := range []string{author, place} { // Artist and HostComputer
		exif = be.AppendUint16(be.AppendUint16(exif, []uint16{0x013b, 0x013c}[i]), 2)
		exif = be.AppendUint32(be.AppendUint32(exif, uint32(len(text))), uint32(values+i*len(author)))
	}
	exif = append(append(append(exif, 0, 0, 0, 0), author...), place...)
	box := func(kind, body string) string {
		return string(be.AppendUint32(nil, uint32(8+len(body)))) + kind + body
	}
	store := box("jumb", box("jumd", "c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03c2pa\x00"))
	return slices.Concat(plain.Bytes[:2], segment(0xe1, exif), segment(0xeb, []byte("JP\x00\x01\x00\x00\x00\x01"+store)), plain.Bytes[2:])
}

// TestKeep uploads a photo that names its author. Its variants do not name the author until KEEP says so and a backfill
// has rendered the photo again. The API then says who made it. The name of the place appears nowhere.
func TestKeep(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	const author, place = "Zoë Müller, photographer", "Secretville"
	jpeg := signedPhoto(t, author, place)
	bearer := s.token(t, "ann", "cats")
	g := s.requestUpload(t, bearer, "cats", contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}, http.StatusCreated)
	if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	check := func(want photo.Credit) {
		t.Helper()
		var up contract.Upload
		s.call(t, bearer, http.MethodGet, g.OutcomeURL, http.StatusOK, &up)
		if up.State != photo.Ready || up.Credit != want || !up.ContentCredentials || len(up.Variants) == 0 {
			t.Errorf("state %s, credit %+v, content credentials %v, %d variants", up.State, up.Credit, up.ContentCredentials, len(up.Variants))
		}
		if m := s.manifest(t, g); m.Photo.Credit != want || !m.Photo.ContentCredentials {
			t.Errorf("manifest: %+v", m.Photo)
		}
		for _, v := range up.Variants {
			data := s.download(t, v)
			if named := bytes.Contains(data, []byte(author)); named != (want != photo.Credit{}) {
				t.Errorf("%s names its author: %v", v.Name, named)
			}
			if bytes.Contains(data, []byte(place)) || bytes.Contains(data, []byte("jumb")) {
				t.Errorf("%s has more of the original's metadata", v.Name)
			}
		}
	}
	check(photo.Credit{})

	if err := s.StopWorkers(); err != nil {
		t.Fatal(err)
	}
	s.SetWorkerEnv("KEEP=creator, copyright")
	if err := s.StartWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1: another recipe", "1 original, 1 up to date"} {
		out, err := s.WorkerCommand(t.Context(), "backfill").CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("%v, want %q in:\n%s", err, want, out)
		}
		s.wantQueuesEmpty(t)
	}
	check(photo.Credit{Creator: author})
}
