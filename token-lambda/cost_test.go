package main

import (
	"archive/zip"
	"compress/flate"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// subjects returns the programs to compare: token-lambda and one that does nothing.
func subjects(b *testing.B) map[string]string {
	b.Helper()
	empty := filepath.Join(b.TempDir(), "empty")
	build := exec.Command("go", "build", "-o", empty, "./testdata/empty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return map[string]string{"token-lambda": bootstrap, "empty": empty}
}

// onLambda returns a command that runs the program at path as Lambda does.
func onLambda(b *testing.B, path string, iss *issuer, addr string) *exec.Cmd {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), path)
	cmd.Env = iss.env("AWS_LAMBDA_RUNTIME_API="+addr, "AWS_SESSION_TOKEN=TOK")
	return cmd
}

// BenchmarkInit measures the time from the start of the process until it asks for its first event, which a cold start
// adds. It also reports the CPU time of all threads until the process is killed, which says more on a busy machine.
func BenchmarkInit(b *testing.B) {
	for name, path := range subjects(b) {
		b.Run(name, func(b *testing.B) {
			iss := newIssuer(b)
			cpu := time.Duration(0)
			for b.Loop() {
				rt, addr := newRuntimeAPI(b)
				cmd := onLambda(b, path, iss, addr)
				if err := cmd.Start(); err != nil {
					b.Fatal(err)
				}
				rt.events <- `{}` // blocks until the program asks
				b.StopTimer()
				<-rt.answers
				cmd.Process.Kill()
				cmd.Wait()
				cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				b.StartTimer()
			}
			b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// BenchmarkWarm reports the CPU time of a token in a process that has warmed up, over all threads, as cpu-µs/token. The
// time per operation says little, because the test itself uses most of it.
func BenchmarkWarm(b *testing.B) {
	for name, path := range subjects(b) {
		b.Run(name, func(b *testing.B) {
			iss := newIssuer(b)
			event := uploadEvent(iss.token(b, "cats"))
			cpu := func(invocations int) float64 {
				rt, addr := newRuntimeAPI(b)
				cmd := onLambda(b, path, iss, addr)
				if err := cmd.Start(); err != nil {
					b.Fatal(err)
				}
				for range invocations {
					if a := rt.call(b, event); !strings.Contains(string(a.body), `"statusCode":201`) {
						b.Fatalf("%s", a.body)
					}
				}
				cmd.Process.Kill()
				cmd.Wait()
				return float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Microseconds())
			}
			const warmUp = 100
			before := cpu(warmUp)
			const more = 1000
			var sum float64
			for b.Loop() {
				sum += cpu(warmUp+more) - before
			}
			b.ReportMetric(sum/float64(b.N)/more, "cpu-µs/token")
		})
	}
}

// maxAllocations is the measured number of allocations of a token, 613, plus some for the race detector, under which
// pools drop items.
const maxAllocations = 740

// TestAllocationsOfAToken guards the cost of a token.
func TestAllocationsOfAToken(t *testing.T) {
	for _, kv := range [][2]string{{"AWS_REGION", "us-east-1"}, {"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}} {
		t.Setenv(kv[0], kv[1])
	}
	iss := newIssuer(t)
	c := testSettings(iss.url)
	h, err := c.handler(t.Context(), nil, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	bearer := "Bearer " + iss.token(t, "cats")
	got := testing.AllocsPerRun(100, func() {
		req := httptest.NewRequest("POST", "/v1/boards/cats/uploads", strings.NewReader(uploadBody))
		req.Header.Set("Authorization", bearer)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, req); w.Code != 201 {
			t.Fatal(w.Body)
		}
	})
	if got > maxAllocations {
		t.Errorf("%v allocations, want at most %d", got, maxAllocations)
	}
	t.Logf("%v allocations", got)
}

// maxZip is the maximum size in bytes of the function's package, which Lambda loads at a cold start.
const maxZip = 12 << 20

func TestPackageIsSmall(t *testing.T) {
	if os.Getenv("DARKROOM_CI") != "1" {
		t.Skip("builds the program for arm64, which takes minutes: only with DARKROOM_CI=1")
	}
	builtProgram(t) // reads the files that the program is built from
	path := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var size counter
	z := zip.NewWriter(&size)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	f, err := z.Create("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if size > maxZip {
		t.Errorf("%d bytes, want at most %d", size, maxZip)
	}
	t.Logf("%d bytes, of a program of %d", size, len(program))
}

// counter counts the bytes written to it.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
