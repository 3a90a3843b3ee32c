package engine

import (
	"testing"

	"darkroom/worker/photo"
)

func seed(f *testing.F) {
	for _, file := range files(f, 24, 16) {
		f.Add(file)
	}
	f.Add(flatJPEG(adobe(2), 1, 2, 3, 4))
	f.Add([]byte("BM"))
}

func FuzzInspect(f *testing.F) {
	seed(f)
	e := engine(f, Config{})
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := e.Inspect(data)
		if err != nil {
			r, ok := err.(*Rejection)
			if !ok {
				t.Fatalf("not a rejection: %v", err)
			}
			wantSentence(t, r)
			return
		}
		if h.Width < 1 || h.Height < 1 || h.Stored().Pixels() > DefaultMaxPixels || h.Orientation < 1 || h.Orientation > 8 {
			t.Fatalf("%+v", h)
		}
		if e.Memory(h) <= 0 {
			t.Fatalf("Memory is %d", e.Memory(h))
		}
	})
}

func FuzzRender(f *testing.F) {
	seed(f)
	e := engine(f, Config{Specs: []Spec{boxSpec("a", 20, 20, Inside, 80), boxSpec("b", 9, 9, Fill, 80)}, MaxPixels: 1 << 16})
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := e.Inspect(data)
		if err != nil {
			return
		}
		r, err := e.Render(t.Context(), data, h, nil)
		if err != nil {
			if _, ok := err.(*Rejection); !ok {
				t.Fatalf("not a rejection: %v", err)
			}
			return
		}
		for i, img := range r.Images {
			want := e.specs[i].place(h.Upright()).out
			if got := sizeOf(openImage(t, img)); got != want || img.Format != photo.JPEG && img.Format != photo.PNG {
				t.Fatalf("%s: %s of %v, want %v", img.Name, img.Format, got, want)
			}
		}
	})
}
