package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// translate returns the Go assembly of the kernels in text. name is the file they come from.
func translate(name, text string) (string, error) {
	t := &translation{name: name}
	fmt.Fprintf(&t.out, "// Code generated from %s by darkroom/worker/internal/neon. DO NOT EDIT.\n\n", filepath.Base(name))
	for line := range strings.Lines(text) {
		if err := t.add(strings.TrimRight(line, " \t\r\n")); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := t.flush(); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return t.out.String(), nil
}

// translation is the state of translate between two lines.
type translation struct {
	name       string
	out        strings.Builder
	comments   []string // comments and blank lines whose next line is not known yet
	macros     []string
	kernel     []string // A64 lines of the function that are not in out yet
	inMacro    bool
	inFunction bool
	complete   bool // all A64 lines of the function are in out
}

func (t *translation) add(line string) error {
	switch {
	case line == "" || strings.HasPrefix(line, "//"):
		t.comments = append(t.comments, line)
		return nil
	case t.inMacro || strings.HasPrefix(line, ".macro "):
		t.comments = nil // comments between A64 lines stay in the source only
		t.macros = append(t.macros, line)
		t.inMacro = line != ".endm"
		return nil
	case !isNative(line):
		t.comments = nil
		if !t.inFunction {
			return fmt.Errorf("outside of functions and macros: %s", line)
		}
		t.kernel = append(t.kernel, line)
		return nil
	}
	if err := t.flush(); err != nil {
		return err
	}
	if strings.HasPrefix(line, "TEXT ") {
		t.inFunction, t.complete = true, false
	}
	t.out.WriteString(line + "\n")
	return nil
}

// flush writes the words of the A64 lines so far, and the comments after them.
func (t *translation) flush() error {
	if len(t.kernel) > 0 {
		if t.complete {
			return fmt.Errorf("the A64 lines of a function are not together: %s", t.kernel[0])
		}
		words, err := assemble(slices.Concat(t.macros, t.kernel))
		if err != nil {
			return err
		}
		t.out.WriteString(words)
		t.kernel, t.complete = nil, true
	}
	for _, line := range t.comments {
		t.out.WriteString(line + "\n")
	}
	t.comments = nil
	return nil
}

// isNative reports whether a line is for Go's assembler.
func isNative(line string) bool {
	first := strings.TrimLeft(line, "\t ")[0]
	return first >= 'A' && first <= 'Z' || first == '#'
}

// instruction matches a line of objdump's listing: the address, the word and the instruction.
var instruction = regexp.MustCompile(`(?m)^ *[0-9a-f]+:\t([0-9a-f]{8}) *\t(.*)$`)

// assemble returns lines of A64 assembly as words for Go's assembler.
func assemble(lines []string) (string, error) {
	dir, err := os.MkdirTemp("", "neon")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	object := filepath.Join(dir, "kernel.o")
	if _, err := run(strings.Join(lines, "\n")+"\n", "as", "-march=armv8-a", "-o", object, "-"); err != nil {
		return "", err
	}
	listing, err := run("", "objdump", "-d", "-z", object)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, m := range instruction.FindAllStringSubmatch(listing, -1) {
		text, _, _ := strings.Cut(m[2], " <")
		fmt.Fprintf(&out, "\tWORD $0x%s // %s\n", m[1], strings.ReplaceAll(text, "\t", " "))
	}
	return out.String(), nil
}

// prefix returns the prefix of the tools' names on a machine that is not arm64.
func prefix() string {
	if runtime.GOARCH == "arm64" {
		return ""
	}
	return "aarch64-linux-gnu-"
}

// run returns the output of a tool of binutils.
func run(input, tool string, args ...string) (string, error) {
	cmd := exec.Command(prefix()+tool, args...)
	cmd.Stdin = strings.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", cmd.Args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}
