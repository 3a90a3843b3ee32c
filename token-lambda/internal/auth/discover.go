package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// discoveryPath is the path of an issuer's discovery document below the issuer's URL:
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest
const discoveryPath = "/.well-known/openid-configuration"

// discover returns the URL of the issuer's keys from its discovery document. It runs before each fetch of the keys,
// because an issuer may move them.
func (s *keySet) discover(ctx context.Context) (string, error) {
	body, err := s.get(ctx, strings.TrimSuffix(s.issuer, "/")+discoveryPath, "application/json")
	if err != nil {
		return "", err
	}
	var doc struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return "", fmt.Errorf("decode: %w", err)
	}
	// Section 4.3 of the specification: otherwise a document under this URL could pose as another issuer's.
	if doc.Issuer != s.issuer {
		return "", fmt.Errorf("its issuer is %.200q, want %q", doc.Issuer, s.issuer)
	}
	if err := checkKeysURL(doc.JWKS); err != nil {
		return "", fmt.Errorf("jwks_uri: %w", err)
	}
	if strings.HasPrefix(s.issuer, "https:") && !strings.HasPrefix(doc.JWKS, "https:") {
		return "", fmt.Errorf("jwks_uri %.200q: want https, as for the issuer", doc.JWKS)
	}
	if withoutTLS(doc.JWKS) && !s.mayLackTLS(doc.JWKS) {
		return "", fmt.Errorf("jwks_uri %.200q: want https or a loopback address", doc.JWKS)
	}
	return doc.JWKS, nil
}

// maxRedirects is how many redirects of the issuer are followed.
const maxRedirects = 5

// sameHost follows a redirect only within the host that was asked, and never from https to http: whoever may redirect
// elsewhere would choose the keys. It is an http.Client's CheckRedirect.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case !strings.EqualFold(req.URL.Hostname(), first.Hostname()):
		return fmt.Errorf("redirect to another host, %.200q", req.URL.Hostname())
	case via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https":
		return errors.New("redirect from https to http")
	}
	return nil
}

// get returns a document of the issuer. It is an error if the document exceeds maxKeys bytes.
func (s *keySet) get(ctx context.Context, from, accept string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: status %s", from, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeys+1))
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", from, err)
	}
	if len(body) > maxKeys {
		return nil, fmt.Errorf("GET %s: more than %d bytes", from, maxKeys)
	}
	return body, nil
}
