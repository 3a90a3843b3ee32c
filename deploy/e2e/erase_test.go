package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/golang-jwt/jwt/v5"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/programs"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// operator runs a command of worker against the system, and returns its output and its exit status.
func (s *system) operator(t *testing.T, args ...string) (output string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(programs.Shared(t), "worker"), args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "AWS_REGION=" + fake.Region, "AWS_ACCESS_KEY_ID=" + fake.AccessKey, "AWS_SECRET_ACCESS_KEY=" + fake.SecretKey,
		"AWS_ENDPOINT_URL_S3=" + s.S3, "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"UPLOADS_BUCKET=" + fake.Uploads, "VARIANTS_BUCKET=" + fake.Variants}
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// receipt returns the receipt of an erasure once there is one, verified with the keys of the API.
func (s *system) receipt(t *testing.T, bearer string, g grant) (receipt contract.Receipt, text string) {
	t.Helper()
	status, body := 0, ""
	eventually(t, "the receipt of "+string(g.ID), func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.StatusURL+"/erasure", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+bearer)
		status, body = exchange(t, req)
		return status != http.StatusAccepted
	})
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	keys, err := http.Get(s.API + contract.ErasureKeysPath)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Body.Close()
	var set jwkset.JWKSMarshal
	if err := json.NewDecoder(keys.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	if _, err := jwt.ParseWithClaims(body, claims, func(token *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.KID == token.Header["kid"] {
				key, err := jwkset.NewJWKFromMarshal(k, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
				return key.Key(), err
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithValidMethods([]string{"ES256"})); err != nil {
		t.Fatalf("receipt %s: %v", body, err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &receipt); err != nil {
		t.Fatal(err)
	}
	return receipt, string(payload)
}

// versions counts the versions and delete markers of a bucket by key.
func (s *system) versions(t *testing.T, bucket string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	pages := s3.NewListObjectVersionsPaginator(s.s3(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Versions {
			counts[*v.Key]++
		}
		for _, m := range page.DeleteMarkers {
			counts[*m.Key]++
		}
	}
	return counts
}

// TestEraseWhileWorkersAreKilled removes photos, one of which was replaced, from buckets with versioning. Meanwhile it
// kills the workers again and again. Every receipt must be complete, and nothing may be left.
func TestEraseWhileWorkersAreKilled(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) {
		c.Versions, c.Workers = true, 2
		c.WorkerEnv = append(c.WorkerEnv, "VISIBILITY_TIMEOUT=3s")
	})
	bearer := s.token(t, "ann", "cats")
	jpeg := small(t)
	request := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg)), Name: "annsphoto.jpg"}
	grants := s.requestUploads(t, bearer, "cats", slices.Repeat([]contract.UploadRequest{request}, 12))
	for _, g := range grants {
		if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
	}
	replaced := grants[0]
	var up contract.Upload
	for _, g := range grants {
		if s.call(t, bearer, http.MethodGet, g.OutcomeURL, http.StatusOK, &up); up.State != photo.Ready {
			t.Fatalf("%+v", up)
		}
	}
	key, bucket := replaced.key(), fake.Uploads
	if _, err := s.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(append(jpeg, 0))}); err != nil {
		t.Fatal(err)
	}
	s.wantQueuesEmpty(t)
	if out, status := s.operator(t, "prove", key); status != 1 || !strings.Contains(out, "version") {
		t.Errorf("a photo that exists: status %d\n%s", status, out)
	}

	for _, g := range grants {
		s.call(t, bearer, http.MethodDelete, g.StatusURL, http.StatusNoContent, nil)
	}
	for range 6 {
		eventually(t, "a message in flight", func() bool {
			d := s.depth(t, s.Queues()...)
			return d.InFlight > 0 || d.Total() == 0
		})
		for _, pid := range s.WorkerPIDs() {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
				t.Error(err)
			}
		}
	}
	for i, g := range grants {
		r, text := s.receipt(t, bearer, g)
		originals, variants, manifests := 0, 0, 0
		for _, o := range r.Objects {
			switch {
			case o.Bucket == photo.UploadsBucket && o.Key == g.key():
				originals++
			case strings.HasSuffix(o.Key, photo.ManifestName):
				manifests++
			default:
				variants++
			}
		}
		want := [2]int{1, 4}
		if i == 0 {
			want[0] = 2 // the variants of the same picture have the same keys, and perhaps versions
		}
		if originals != want[0] || variants < want[1] || manifests == 0 || r.Subject != g.key() || r.Erased.Before(r.Removed.Time) {
			t.Errorf("%d originals, %d variants and %d manifests in %s", originals, variants, manifests, text)
		}
		if strings.Contains(text, "ann") {
			t.Errorf("a receipt names a person: %s", text)
		}
	}
	s.wantQueuesEmpty(t)
	for _, g := range grants {
		if out, status := s.operator(t, "prove", g.key()); status != 0 || !strings.Contains(out, "nothing else answers") {
			t.Errorf("status %d\n%s", status, out)
		}
	}
	if left := s.versions(t, fake.Uploads); len(left) != 0 {
		t.Errorf("left of originals: %v", left)
	}
	for key, n := range s.versions(t, fake.Variants) {
		if n != 1 || !strings.HasSuffix(key, photo.ManifestName) {
			t.Errorf("%d versions of %s are left, want one of each tombstone", n, key)
		}
	}
}

// TestEraseBoard erases a board with the command, and leaves another alone.
func TestEraseBoard(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.Versions = true })
	jpeg := small(t)
	request := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}
	grants := map[string][]grant{}
	bearer := s.token(t, "ann", "cats", "dogs")
	for _, board := range []string{"cats", "dogs"} {
		for _, g := range s.requestUploads(t, bearer, board, slices.Repeat([]contract.UploadRequest{request}, 3)) {
			if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
				t.Fatalf("%d %s", status, answer)
			}
			grants[board] = append(grants[board], g)
		}
	}
	s.wantQueuesEmpty(t)
	if out, status := s.operator(t, "erase", "--board", "cat"); status != 0 || !strings.Contains(out, "board cat has no photos: check its name") {
		t.Errorf("status %d of a board without photos:\n%s", status, out)
	}
	if out, status := s.operator(t, "erase", "--board", "cats", "--dry-run"); status != 0 || !strings.Contains(out, "3 photos would be removed") {
		t.Fatalf("status %d\n%s", status, out)
	}
	if out, status := s.operator(t, "erase", "--board", "cats", "--max", "1"); status != 0 || !strings.Contains(out, "1 photo removed") || !strings.Contains(out, "stopped at --max") {
		t.Fatalf("status %d\n%s", status, out)
	}
	if out, status := s.operator(t, "erase", "--board", "cats"); status != 0 || !strings.Contains(out, "2 photos removed") {
		t.Fatalf("status %d\n%s", status, out)
	}
	for _, g := range grants["cats"] {
		if r, _ := s.receipt(t, bearer, g); len(r.Objects) == 0 {
			t.Error("an empty receipt")
		}
		if out, status := s.operator(t, "prove", g.key()); status != 0 {
			t.Errorf("status %d\n%s", status, out)
		}
	}
	for _, g := range grants["dogs"] {
		var up contract.Upload
		if s.call(t, bearer, http.MethodGet, g.OutcomeURL, http.StatusOK, &up); up.State != photo.Ready {
			t.Errorf("%+v", up)
		}
	}
	if out, status := s.operator(t, "prove", "cats"); status != 80 && status != 2 {
		t.Errorf("no photo: status %d\n%s", status, out)
	}
}
