package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/term"

	"darkroom/worker/internal/render"
)

type renderCommand struct {
	Paths  []string    `arg:"" name:"file" help:"Photos, and folders of photos."`
	Out    string      `short:"o" required:"" placeholder:"DIR" help:"Folder to write to: a folder for each photo with its variants and manifest.json."`
	Engine engineFlags `embed:""`
}

// Run is the command render.
func (c *renderCommand) Run(ctx context.Context) error {
	engine, err := c.Engine.Recipe.engine()
	if err != nil {
		return err
	}
	failed, err := render.Files(ctx, render.Config{
		Engine: engine, Out: c.Out, Recipe: engine.Recipe(), Renders: c.Engine.renders(), Memory: c.Engine.memory(), Timeout: c.Engine.timeout(),
		Progress: os.Stderr, Terminal: term.IsTerminal(int(os.Stderr.Fd())),
	}, c.Paths)
	switch {
	case err != nil && ctx.Err() != nil:
		return interrupted{"photos in progress were not written"}
	case err != nil:
		return err
	}
	if failed > 0 {
		return fmt.Errorf("failed files: %d", failed)
	}
	return nil
}
