package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"darkroom/deploy/bench/internal/photoset"
)

// equalPackage is the command that compares bytes at equal score. It uses packages that only those below worker may
// import.
const equalPackage = "darkroom/worker/internal/equalscore"

// equalDrawings are the drawn photos for a comparison without arguments: each picture once.
var equalDrawings = []string{"baseline-12mp.jpg", "baseline-2mp.jpg", "rgb-4mp.png", "rgba-4mp.png"}

// equal prints how many bytes JPEGs take at equal score.
func (c *commandLine) equal(ctx context.Context) error {
	photos, cleanup, err := c.equalPhotos()
	if err != nil {
		return err
	}
	defer cleanup()
	args := []string{"run", "-tags", "nodynamic", equalPackage}
	for _, p := range photos {
		args = append(args, p.Path)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // an interrupt lets the go command remove its temporary files
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compare bytes at equal score: %w", err)
	}
	return nil
}

// equalPhotos returns the photos of the command line, or draws some. cleanup removes the drawn photos, unless --keep is
// set.
func (c *commandLine) equalPhotos() (photos []photoset.Original, cleanup func(), err error) {
	if len(c.Paths) > 0 {
		photos, err = photoset.Find(c.Paths)
		return photos, func() {}, err
	}
	list := slices.DeleteFunc(slices.Clone(photoset.Drawings), func(d photoset.Drawing) bool { return !slices.Contains(equalDrawings, d.Name) })
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, nil, err
	}
	photos, err = photoset.Draw(c.folder(dir, "photos"), list)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return photos, func() { os.RemoveAll(dir) }, nil
}
