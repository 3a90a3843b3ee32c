package reconcile_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

func TestRendersAndMemoryAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg    reconcile.Config
		memory int64
	}{
		"renders": {reconcile.Config{Renders: 2}, 1},
		"memory":  {reconcile.Config{Renders: 100, Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}, Memory: 1000}, 750 / 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.cfg)
			w.engine.memory = tc.memory
			var now, most atomic.Int32
			w.engine.during = func() {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				for range 100 {
					most.Load()
				}
			}
			var wg sync.WaitGroup
			for range 20 {
				ref := photo.Ref{Board: "cats", ID: photo.NewID()}
				w.uploads.Upload(ref.Key(), []byte("a"), nil)
				wg.Go(func() {
					if _, err := w.Reconcile(t.Context(), ref); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := most.Load(); n > 2 || n == 0 {
				t.Errorf("%d at once, want at most 2", n)
			}
		})
	}
}

// TestSandboxedHaveTheirOwnLane: however many AVIFs wait, a later JPEG gets a render and memory.
func TestSandboxedHaveTheirOwnLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, reconcile.Config{Renders: 2, Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}, Memory: 1000})
		w.engine.memory = 750 / 2
		slow := make(chan struct{})
		var avifs atomic.Int32
		w.engine.slow = func() {
			avifs.Add(1)
			<-slow
		}
		var all sync.WaitGroup
		begin := func(body string) <-chan struct{} {
			ref := photo.Ref{Board: "cats", ID: photo.NewID()}
			w.uploads.Upload(ref.Key(), []byte(body), nil)
			done := make(chan struct{})
			all.Go(func() {
				defer close(done)
				if _, err := w.Reconcile(t.Context(), ref); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
			return done
		}
		for range 5 {
			begin("avif")
		}
		jpeg := begin("jpeg")
		select {
		case <-jpeg:
		default:
			t.Error("the JPEG waits for AVIFs")
		}
		if n := avifs.Load(); n != 1 {
			t.Errorf("%d AVIFs at once, want 1", n)
		}
		close(slow)
		all.Wait()
		if n := avifs.Load(); n != 5 {
			t.Errorf("%d AVIFs in all, want 5", n)
		}
	})
}

func TestConfigValidate(t *testing.T) {
	good := reconcile.Config{Bucket: "b", ParseEvents: parseEvents, Recipe: photo.Recipe{Name: "r"}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*reconcile.Config){
		"no bucket":       func(c *reconcile.Config) { c.Bucket = "" },
		"no parser":       func(c *reconcile.Config) { c.ParseEvents = nil },
		"no recipe":       func(c *reconcile.Config) { c.Recipe.Name = "" },
		"negative bytes":  func(c *reconcile.Config) { c.Recipe.MaxBytes = -1 },
		"negative render": func(c *reconcile.Config) { c.Renders = -1 },
		"little memory":   func(c *reconcile.Config) { c.Memory = 1 << 20 },
	} {
		c := good
		spoil(&c)
		if err := c.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
