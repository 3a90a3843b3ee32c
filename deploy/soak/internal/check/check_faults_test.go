package check

import (
	"bytes"
	"testing"

	"github.com/disintegration/imaging"

	"darkroom/worker/photo"
)

func flip(b memory, key string) {
	b[key] = bytes.Clone(b[key])
	b[key][len(b[key])/2] ^= 1
}

func cut(b memory, key string) { b[key] = b[key][:len(b[key])/2] }

func rename(name string) func(*photo.Manifest) {
	return func(m *photo.Manifest) { m.Variants[0].Name = name }
}

func dropLast(w *world) func(*photo.Manifest) {
	return func(m *photo.Manifest) {
		last := len(m.Variants) - 1
		delete(w.variants, m.Variants[last].Key)
		m.Variants = m.Variants[:last]
	}
}

// smaller replaces the variant large by one of half the width.
func smaller(t *testing.T, w *world) {
	w.rewrite(t, func(m *photo.Manifest) {
		v := m.Variants[0]
		picture, err := imaging.Decode(bytes.NewReader(w.variants[v.Key]))
		if err != nil {
			t.Fatal(err)
		}
		delete(w.variants, v.Key)
		m.Variants = m.Variants[1:]
		w.add(t, m, v.Name, imaging.Resize(picture, v.Width/2, v.Height, imaging.Box))
	})
}
