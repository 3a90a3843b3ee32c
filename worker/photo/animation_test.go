package photo

import (
	"testing"
	"time"
)

// TestStillByOtherLimits: an animation whose variants are still because of a limit is rendered again once the limit has
// changed.
func TestStillByOtherLimits(t *testing.T) {
	limits := AnimationLimits{Frames: 10, Pixels: 100, Millis: 1000}
	recipe := Recipe{Name: "r", Memory: 1000, RenderTimeout: time.Second, Animation: limits}
	changed := func(change func(*Recipe)) Recipe {
		r := recipe
		change(&r)
		return r
	}
	more := changed(func(r *Recipe) { r.Animation.Frames++ })
	for name, tc := range map[string]struct {
		reason AnimationLost
		now    Recipe
		want   Staleness
	}{
		"as it was":             {AnimationTooManyFrames, recipe, UpToDate},
		"more frames":           {AnimationTooManyFrames, more, OtherLimits},
		"unknown limits":        {AnimationTooManyFrames, changed(func(r *Recipe) { r.Animation = AnimationLimits{} }), UpToDate},
		"more memory":           {AnimationTooManyPixels, changed(func(r *Recipe) { r.Memory++ }), OtherLimits},
		"unknown memory":        {AnimationTooManyPixels, changed(func(r *Recipe) { r.Memory = 0 }), UpToDate},
		"memory for few frames": {AnimationTooManyFrames, changed(func(r *Recipe) { r.Memory++ }), UpToDate},
		"more time":             {AnimationTooExpensive, changed(func(r *Recipe) { r.RenderTimeout *= 2 }), OtherLimits},
		"damaged":               {AnimationDamaged, more, UpToDate},
		"moves":                 {"", more, UpToDate},
	} {
		m := &Manifest{Version: ManifestVersion, State: Ready, Recipe: "r", Photo: &Info{}}
		if tc.reason != "" {
			m.MarkStill(tc.reason, recipe)
		}
		if got := m.RecipeStaleness(tc.now); got != tc.want || m.Photo.AnimationLost != tc.reason || (m.Limits != nil) != tc.reason.IsLimit() {
			t.Errorf("%s: %q, want %q; %+v", name, got, tc.want, m)
		}
	}
}
