package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// TestDamagedPhotos uploads a truncated JPEG and a whole one. It changes the policy for damaged files and back, each
// time with new workers and a backfill, and checks the API, the manifest and the log.
func TestDamagedPhotos(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	whole, err := samples.Photo("whole.jpg", 320, 240, 0, 7)
	if err != nil {
		t.Fatal(err)
	}
	bearer := s.token(t, "ann", "cats")
	put := func(jpeg []byte) grant {
		g := s.requestUpload(t, bearer, "cats", contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}, http.StatusCreated)
		if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		return g
	}
	cut, intact := put(whole.Bytes[:len(whole.Bytes)*3/4]), put(whole.Bytes)
	s.wantDamage(t, bearer, cut, photo.Rejected, photo.ReasonTruncated, false)
	s.wantDamage(t, bearer, intact, photo.Ready, "", false)
	before := s.manifest(t, intact)

	for _, step := range []struct {
		policy  string
		state   photo.State
		reason  photo.Reason
		damaged bool
	}{
		{"accept", photo.Ready, "", true},
		{"reject", photo.Rejected, photo.ReasonTruncated, false},
	} {
		if err := s.StopWorkers(); err != nil {
			t.Fatal(err)
		}
		s.SetWorkerEnv("DAMAGED=" + step.policy)
		if err := s.StartWorkers(t.Context()); err != nil {
			t.Fatal(err)
		}
		out, err := s.WorkerCommand(t.Context(), "backfill").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "2 originals, 1 up to date") || !strings.Contains(string(out), "1: another policy for damaged files") {
			t.Fatalf("%s: %v, %s", step.policy, err, out)
		}
		s.wantQueuesEmpty(t)
		s.wantDamage(t, bearer, cut, step.state, step.reason, step.damaged)
		s.wantDamage(t, bearer, intact, photo.Ready, "", false)
		out, err = s.WorkerCommand(t.Context(), "backfill").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "2 originals, 2 up to date") {
			t.Errorf("%s, again: %v, %s", step.policy, err, out)
		}
	}
	if after := s.manifest(t, intact); !after.Created.Equal(before.Created) {
		t.Errorf("the whole photo was rendered again, at %v and at %v", before.Created, after.Created)
	}
	if n := strings.Count(s.log.String(), "damaged photo rendered"); n != 1 {
		t.Errorf("%d log lines about a damaged photo, want 1", n)
	}
}

// wantDamage checks the state of a photo and whether it is damaged, in the API's answers and in the manifest.
func (s *system) wantDamage(t *testing.T, bearer string, g grant, state photo.State, reason photo.Reason, damaged bool) {
	t.Helper()
	var up contract.Upload
	s.call(t, bearer, http.MethodGet, g.OutcomeURL, http.StatusOK, &up)
	var page contract.Page
	s.call(t, bearer, http.MethodGet, s.API+contract.UploadsPath("cats"), http.StatusOK, &page)
	all := []contract.Upload{up}
	for _, listed := range page.Uploads {
		if listed.ID == g.ID {
			all = append(all, listed)
		}
	}
	if len(all) != 2 {
		t.Errorf("the photo is listed %d times", len(all)-1)
	}
	for _, up := range all {
		if up.State != state || up.Reason != reason || up.Damaged != damaged || (len(up.Variants) > 0) != (state == photo.Ready) {
			t.Errorf("%+v, want %s %s, damaged: %v", up, state, reason, damaged)
		}
	}
	if m := s.manifest(t, g); m.State != state || m.Reason != reason || m.Damaged() != damaged {
		t.Errorf("manifest %+v, want %s %s, damaged: %v", m, state, reason, damaged)
	}
	variants := 0
	for _, key := range s.keys(t, fake.Variants) {
		if strings.HasPrefix(key, g.ref().Prefix()) && key != g.ref().ManifestKey() {
			variants++
		}
	}
	if variants != len(up.Variants) {
		t.Errorf("%d variants are stored, the API names %d", variants, len(up.Variants))
	}
}

// manifest returns the manifest of a photo.
func (s *system) manifest(t *testing.T, g grant) *photo.Manifest {
	t.Helper()
	ref := photo.Ref{Board: "cats", ID: g.ID}
	key := ref.ManifestKey()
	object, err := s.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: ptr(fake.Variants), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	m, err := photo.ReadManifest(ref, object.Body)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
