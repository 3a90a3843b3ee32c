package keyfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
	"darkroom/token-lambda/internal/receipt"
	"darkroom/token-lambda/internal/receipt/receipttest"
)

func TestConformance(t *testing.T) {
	receipttest.Key(t, func(t *testing.T) receipt.Key {
		path := filepath.Join(t.TempDir(), "key.pem")
		if err := Create(path); err != nil {
			t.Fatal(err)
		}
		key, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		return key
	})
}

// TestKeysOfOpenSSL reads what openssl writes in both of its forms, and refuses other keys.
func TestKeysOfOpenSSL(t *testing.T) {
	openssl := tool.Find(t, "openssl")
	for name, c := range map[string]struct {
		args []string
		ok   bool
	}{
		"genpkey":       {[]string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, true},
		"ecparam":       {[]string{"ecparam", "-name", "prime256v1", "-genkey"}, true},
		"another curve": {[]string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}, false},
		"no EC":         {[]string{"genpkey", "-algorithm", "ED25519"}, false},
	} {
		path := filepath.Join(t.TempDir(), "key.pem")
		if out, err := exec.CommandContext(t.Context(), openssl, append(c.args, "-out", path)...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		if _, err := Read(path); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"empty": "", "no PEM": "secret", "garbage": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(filepath.Join(dir, "absent")); err == nil {
		t.Error("no error without a file")
	}
	path := filepath.Join(dir, "key")
	if err := Create(path); err != nil {
		t.Fatal(err)
	}
	if err := Create(path); err == nil {
		t.Error("a key was overwritten")
	}
}
