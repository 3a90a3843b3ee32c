package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestKernelsAreAsGenerated checks that the words of every kernel are the ones that GNU as makes from its source.
func TestKernelsAreAsGenerated(t *testing.T) {
	tool.Find(t, prefix()+"as")
	sources, err := filepath.Glob("../*/*.neon")
	if err != nil || len(sources) == 0 {
		t.Fatalf("kernels: %v, %v", sources, err)
	}
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := translate(name, string(text))
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := os.ReadFile(output(name)); err != nil || string(got) != want {
			t.Errorf("%s is not what %s gives: run go generate (%v)", output(name), name, err)
		}
	}
}

// TestEveryGeneratedKernelHasASource finds words that were written by hand or have lost their source.
func TestEveryGeneratedKernelHasASource(t *testing.T) {
	files, err := filepath.Glob("../*/*_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if _, err := os.Stat(strings.TrimSuffix(name, ".s") + ".neon"); err != nil {
			t.Error(err)
		}
	}
}

func TestTranslate(t *testing.T) {
	tool.Find(t, prefix()+"as")
	for _, tc := range []struct{ name, source, want, err string }{
		{name: "a function", source: `
#include "textflag.h"

// DOUBLE is dropped with its macro.
.macro double r
	add \r\().4s, \r\().4s, \r\().4s
.endm

// func f(p *int32)
TEXT ·f(SB), NOSPLIT, $0-8
	MOVD p+0(FP), R0
1:	ldr q0, [x0]
	// twice
	double v0

	subs x1, x1, #1
	b.ne 1b
	RET
`, want: `
#include "textflag.h"

// func f(p *int32)
TEXT ·f(SB), NOSPLIT, $0-8
	MOVD p+0(FP), R0
	WORD $0x3dc00000 // ldr q0, [x0]
	WORD $0x4ea08400 // add v0.4s, v0.4s, v0.4s
	WORD $0xf1000421 // subs x1, x1, #0x1
	WORD $0x54ffffa1 // b.ne 0
	RET
`},
		{name: "split", source: "TEXT ·f(SB), NOSPLIT, $0-8\n\tnop\n\tRET\n\tnop\n", err: "not together: \tnop"},
		{name: "outside", source: "\tadd v0.4s, v1.4s, v2.4s\n", err: "outside of functions and macros: \tadd"},
		{name: "unknown", source: "TEXT ·f(SB), NOSPLIT, $0-8\n\tadd v0.5s, v1.4s, v2.4s\n", err: "Error: "},
	} {
		got, err := translate("a/x_arm64.neon", tc.source)
		if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: error %v, want %q", tc.name, err, tc.err)
		}
		header := "// Code generated from x_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.\n"
		if body := strings.TrimPrefix(got, header+"\n"); err == nil && body != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tc.name, body, tc.want)
		}
	}
}
