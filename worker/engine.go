package main

import (
	"fmt"
	"math"
	"runtime"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// recipeFlags are the settings that decide how variants are made. All commands of one system must have the same.
type recipeFlags struct {
	Variants  string `env:"VARIANTS" placeholder:"JSON" group:"Variants" help:"Specifications of the variants, as [{\"name\",\"width\",\"height\",\"fit\"}, ...]; the README has the other fields. Default: large 1600, medium 800, small 320 fit inside, thumb 256x256 cropped."`
	MaxBytes  int64  `env:"MAX_BYTES" default:"67108864" placeholder:"BYTES" group:"Limits" help:"Largest photo that is read."`
	MaxPixels int64  `env:"MAX_PIXELS" default:"120000000" placeholder:"PIXELS" group:"Limits" help:"Most pixels of a photo that is decoded."`
}

// engineFlags are the settings of the engine, which run and render share.
type engineFlags struct {
	recipeFlags `embed:""`
	Renders     int   `env:"RENDERS" placeholder:"N" group:"Limits" help:"Photos rendered at once. Default: the number of processors."`
	Memory      int64 `name:"memory-budget" env:"MEMORY_BUDGET" placeholder:"BYTES" group:"Limits" help:"Memory for photos in hand. Default: 60 % of the container's limit, or 1 GiB without one."`
}

func (f *recipeFlags) engine() (*engine.Engine, error) {
	if err := engine.CheckSandbox(); err != nil {
		return nil, err
	}
	cfg, err := f.config()
	if err != nil {
		return nil, err
	}
	return engine.New(cfg)
}

func (f *recipeFlags) config() (engine.Config, error) {
	cfg := engine.Config{Specs: engine.DefaultSpecs(), MaxBytes: f.MaxBytes, MaxPixels: f.MaxPixels}
	if f.Variants != "" {
		specs, err := engine.ParseSpecs([]byte(f.Variants))
		if err != nil {
			return cfg, fmt.Errorf("VARIANTS: %w", err)
		}
		cfg.Specs = specs
	}
	return cfg, nil
}

// recipe returns the recipe of the engine with these settings.
func (f *recipeFlags) recipe() (photo.Recipe, error) {
	cfg, err := f.config()
	if err != nil {
		return photo.Recipe{}, err
	}
	e, err := engine.New(cfg)
	if err != nil {
		return photo.Recipe{}, err
	}
	return e.Recipe(), nil
}

// renders returns how many photos are rendered at once.
func (f *engineFlags) renders() int {
	if f.Renders > 0 {
		return f.Renders
	}
	return runtime.GOMAXPROCS(0)
}

// memory returns the budget for photos. The rest of the container's memory is for the collector's head room, for the
// encoded variants and for the program itself.
func (f *engineFlags) memory() int64 {
	if f.Memory != 0 {
		return f.Memory
	}
	limit, err := memlimit.FromCgroup()
	if err != nil || limit == 0 || limit > math.MaxInt64/2 {
		return 1 << 30
	}
	return int64(limit / 5 * 3)
}
