package faults

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTextForm(t *testing.T) {
	for text, want := range map[string]Config{
		"":       {},
		"seed=7": {Seed: 7},
		"seed=1,s3-5xx=5%, s3-lost=0.01,stall-for=3s": {Seed: 1, S3Error: 0.05, S3Lost: 0.01, StallFor: 3 * time.Second},
		"s3-slowdown=100%,sqs-5xx=1":                  {S3SlowDown: 1, SQSError: 1},
	} {
		got := Config{S3Stall: 1} // replaced by the text
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
		var again Config
		if err := again.UnmarshalText([]byte(got.String())); err != nil || again != got {
			t.Errorf("%q is parsed as %+v, %v", got.String(), again, err)
		}
	}
	typical := Typical(3)
	var again Config
	if err := again.UnmarshalText([]byte(typical.String())); err != nil || !reflect.DeepEqual(again, typical) {
		t.Errorf("%q is parsed as %+v, %v", typical.String(), again, err)
	}
	for text, want := range map[string]string{
		"s3-6xx=1%":                    "unknown fault",
		"s3-5xx":                       "not a rate",
		"s3-5xx=101%":                  "not within",
		"s3-5xx=NaN":                   "not within",
		"sqs-lost=-1":                  "not within",
		"s3-5xx=60%,s3-slowdown=60%":   "more than 100%",
		"sqs-5xx=0.6,sqs-partial=0.6":  "more than 100%",
		"stall-for=2h":                 "within 0 to 1h",
		"seed=x":                       "invalid syntax",
		"stall-for=1":                  "missing unit",
		"s3-5xx=5%%":                   "not a rate",
		"s3-5xx=5%,s3-slowdown=5 many": "not a rate",
	} {
		if err := new(Config).UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestDiceFollowTheSeed(t *testing.T) {
	roll := func(seed, stream uint64) (kinds []Kind, share map[Kind]float64) {
		d := newDice(seed, stream, chance{Error, 0.05}, chance{Lost, 0.2})
		share = map[Kind]float64{}
		for range 10_000 {
			k := d.roll()
			kinds = append(kinds, k)
			share[k] += 1.0 / 10_000
		}
		return kinds, share
	}
	first, share := roll(1, streamS3)
	again, _ := roll(1, streamS3)
	if !reflect.DeepEqual(first, again) {
		t.Error("the same seed gives two sequences")
	}
	for _, other := range [][2]uint64{{2, streamS3}, {1, streamSQS}} {
		if kinds, _ := roll(other[0], other[1]); reflect.DeepEqual(first, kinds) {
			t.Errorf("seed and stream %v: the same sequence", other)
		}
	}
	for k, want := range map[Kind]float64{Error: 0.05, Lost: 0.2, "": 0.75} {
		if math.Abs(share[k]-want) > 0.02 {
			t.Errorf("%q: %.3f of the requests, want %.3f", k, share[k], want)
		}
	}
}
