package origin_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/local/origin"
)

func TestPages(t *testing.T) {
	l, err := origin.PageOrigins("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	guarded := l.Refuse(l.Allow("GET, POST", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })))
	for _, c := range []struct {
		name, method, host, from string
		want                     int
		readable                 bool
	}{
		{"a program", "GET", "127.0.0.1:8081", "", 418, false},
		{"a program, by name", "GET", "localhost:8081", "", 418, false},
		{"IPv6", "GET", "[::1]:8081", "", 418, false},
		{"a container", "POST", "aws:8081", "", 418, false},
		{"the board", "POST", "127.0.0.1:8081", "http://127.0.0.1:8080", 418, true},
		{"the board as localhost", "POST", "127.0.0.1:8081", "http://localhost:8080", 418, true},
		{"the board asks first", "OPTIONS", "127.0.0.1:8081", "http://localhost:8080", 204, true},
		{"the server's own page", "POST", "192.168.1.2:8081", "http://192.168.1.2:8081", 418, false},
		{"another page", "POST", "127.0.0.1:8081", "https://evil.example", 403, false},
		{"another page asks first", "OPTIONS", "127.0.0.1:8081", "https://evil.example", 403, false},
		{"another page reads", "GET", "127.0.0.1:8081", "https://evil.example", 403, false},
		{"another port", "DELETE", "127.0.0.1:8081", "http://localhost:3000", 403, false},
		{"another scheme", "POST", "127.0.0.1:8081", "https://localhost:8080", 403, false},
		{"a file or a frame without an origin", "POST", "127.0.0.1:8081", "null", 403, false},
		{"a name that points here", "GET", "evil.example:8081", "", 403, false},
		{"a name that points here, its own page", "POST", "evil.example:8081", "http://evil.example:8081", 403, false},
		{"a name below localhost", "GET", "s3.localhost:9000", "", 418, false},
	} {
		r := httptest.NewRequest(c.method, "/token", nil)
		r.Host = c.host
		if c.from != "" {
			r.Header.Set("Origin", c.from)
		}
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		readable := w.Header().Get("Access-Control-Allow-Origin") == c.from && c.from != ""
		if w.Code != c.want || readable != c.readable {
			t.Errorf("%s: %d, readable %v, want %d, %v: %s", c.name, w.Code, readable, c.want, c.readable, w.Body)
		}
	}
}

func TestOf(t *testing.T) {
	for page, want := range map[string]origin.List{
		"http://127.0.0.1:8080":     {"http://127.0.0.1:8080", "http://localhost:8080"},
		"http://[::1]/":             {"http://[::1]", "http://localhost"},
		"https://board.example/at":  {"https://board.example"},
		"http://127.0.0.1:80":       {"http://127.0.0.1", "http://localhost"},
		"https://Board.example:443": {"https://board.example"},
	} {
		got, err := origin.PageOrigins(page)
		if err != nil || !cmp.Equal(got, want) || got.Validate() != nil {
			t.Errorf("%s: %v, %v, want %v", page, got, err, want)
		}
	}
	if _, err := origin.PageOrigins("board"); err == nil {
		t.Error("board is a URL")
	}
	for _, s := range []string{"*", "localhost:3000", "http://localhost:3000/", "HTTP://localhost", "http://a/b", "http://localhost:80"} {
		if err := (origin.List{s}).Validate(); err == nil {
			t.Errorf("%s is accepted", s)
		}
	}
}
