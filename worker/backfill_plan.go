package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/internal/forecast"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store/s3store"
	"darkroom/worker/plural"
	"darkroom/worker/prices"
	"darkroom/worker/settings"
)

// planFlags are the flags of the plan of a backfill, and of its budget.
type planFlags struct {
	Only         bool           `name:"plan" group:"Cost" help:"Print what the backfill will cost, and send nothing."`
	JSON         bool           `name:"json" group:"Cost" help:"Print the plan as JSON."`
	Budget       *float64       `placeholder:"USD" group:"Cost" help:"Make the plan, then run, and stop before the estimated cost exceeds this. Default: no limit."`
	Inventory    string         `placeholder:"FILE" group:"Cost" help:"Count the originals in an S3 Inventory of the uploads bucket: its manifest.json, a CSV file, gzipped or not, or - for standard input. Default: list the bucket."`
	Sample       int            `default:"100" placeholder:"N" group:"Cost" help:"About how many photos to read and render for the estimate; 0 for none."`
	CPU          *time.Duration `name:"cpu-per-photo" placeholder:"DURATION" group:"Cost" help:"Processor time of a photo, for example from the workers' metrics, where no sample measures it. Needs --sample 0."`
	Tasks        int            `default:"20" placeholder:"N" group:"Cost" help:"Largest number of workers, as MaxTasks of the template."`
	VCPUs        float64        `name:"task-vcpu" default:"2" placeholder:"N" group:"Cost" help:"vCPUs of a worker, as TaskVcpu of the template. Each has 2 GB of memory."`
	Architecture string         `default:"ARM64" enum:"ARM64,X86_64" placeholder:"NAME" group:"Cost" help:"Processors of the workers: ARM64 or X86_64."`
}

// maxSample is the largest sample, in photos.
const maxSample = 100_000

// Validate reports the first flag that cannot be used.
func (f planFlags) Validate() error {
	if f.Budget != nil {
		if err := settings.Named("--budget", settings.Range(*f.Budget, 0.01, math.MaxInt32)); err != nil {
			return err
		}
	}
	if f.CPU != nil {
		if err := settings.Named("--cpu-per-photo", settings.Range(*f.CPU, time.Microsecond, time.Hour)); err != nil {
			return err
		}
	}
	for _, err := range []error{
		settings.Named("--sample", settings.Range(f.Sample, 0, maxSample)),
		settings.Named("--tasks", settings.Range(f.Tasks, 1, 100_000)),
		settings.Named("--task-vcpu", settings.Range(f.VCPUs, 0.25, 16)),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case f.Sample == 0 && f.CPU == nil:
		return errors.New("--sample 0 also needs --cpu-per-photo, the processor time of a photo")
	case f.Sample > 0 && f.CPU != nil:
		return errors.New("--cpu-per-photo also needs --sample 0, because a sample measures the processor time")
	case f.JSON && !f.Only:
		return errors.New("--json also needs --plan")
	case f.Inventory != "" && !f.needed():
		return errors.New("--inventory also needs --plan or --budget")
	}
	return nil
}

// needed reports whether there is a plan to make.
func (f planFlags) needed() bool { return f.Only || f.Budget != nil }

// fleet returns the tasks that render, and the rate of events.
func (f planFlags) fleet(rate float64) forecast.Fleet {
	price := prices.FargateARM64
	if f.Architecture == "X86_64" {
		price = prices.FargateAMD64
	}
	return forecast.Fleet{Tasks: f.Tasks, VCPUs: f.VCPUs, Rate: rate, Fargate: price}
}

// plan makes and prints the plan, if one is wanted. It returns nil if none is.
func (c *backfillCommand) plan(ctx context.Context) (*forecast.Forecast, error) {
	if !c.Plan.needed() {
		return nil, nil
	}
	cfg, err := c.Repair.AWS.load(ctx)
	if err != nil {
		return nil, err
	}
	census, source, err := c.census(ctx, cfg)
	if err != nil {
		return nil, c.planError(ctx, err)
	}
	rehearsals, specs, err := c.rehearsals(cfg)
	if err != nil {
		return nil, err
	}
	config := forecast.Config{Source: source, Specs: specs, Fleet: c.Plan.fleet(c.Repair.Limits.Rate)}
	if c.Plan.CPU != nil {
		config.Assumed = *c.Plan.CPU
	}
	line := newProgress(-1)
	config.Step = func(done, total int) { line.Step(1, "%d of %s of the sample", done, plural.Count(total, "photo")) }
	f, err := forecast.New(ctx, config, census, rehearsals)
	line.Close()
	if err != nil {
		return nil, c.planError(ctx, err)
	}
	if !c.Plan.JSON {
		fmt.Print(f)
		return f, nil
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return f, out.Encode(f)
}

// planError returns what the user needs to know about a plan that failed or was interrupted.
func (*backfillCommand) planError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return interrupted{"nothing was sent; run it again"}
	}
	return fmt.Errorf("plan: %w", err)
}

// census counts the originals in the inventory or in the bucket. source says which.
func (c *backfillCommand) census(ctx context.Context, cfg aws.Config) (census *forecast.Census, source string, err error) {
	census = forecast.NewCensus(c.Plan.Sample)
	line := newProgress(-1)
	defer line.Close()
	bucket, prefix, after := c.Repair.Buckets.Uploads, c.Repair.Prefix, c.Repair.After
	n := 0
	add := func(key string, bytes int64) {
		if key > after && len(key) >= len(prefix) && key[:len(prefix)] == prefix {
			census.Add(key, bytes)
		}
		if n++; n%stepOfCensus == 0 {
			line.Step(stepOfCensus, "%s counted, at %.100q", plural.Count(n, "key"), key)
		}
	}
	if c.Plan.Inventory != "" {
		inventory, err := forecast.OpenInventory(c.Plan.Inventory)
		if err != nil {
			return nil, "", err
		}
		return census, "the inventory " + c.Plan.Inventory, inventory.Read(ctx, bucket, add)
	}
	for e, err := range s3store.New(s3.NewFromConfig(cfg, s3store.Options), bucket).List(ctx, prefix, after) {
		if err != nil {
			return nil, "", err
		}
		add(e.Key, e.Bytes)
	}
	return census, "a listing of the uploads bucket", nil
}

// stepOfCensus is how many keys are counted between two steps of the progress.
const stepOfCensus = 10_000

// rehearsals returns the rehearsals that render the sample, and the names of the specs.
func (c *backfillCommand) rehearsals(cfg aws.Config) (r forecast.Rehearsals, specs []string, err error) {
	engine, err := c.Recipe.engine()
	if err != nil {
		return r, nil, err
	}
	recipe := engine.Recipe()
	for _, s := range recipe.Specs {
		specs = append(specs, s.Name)
	}
	config := reconcile.Config{Bucket: c.Repair.Buckets.Uploads, ParseEvents: parseEvents, Recipe: recipe,
		Memory: max(engineFlags{Recipe: c.Recipe, Memory: c.Memory}.memory(), 4*c.Recipe.MaxBytes)}
	if c.Timeout != nil {
		config.RenderTimeout = *c.Timeout
	}
	client := s3.NewFromConfig(cfg, s3store.Options)
	return forecast.Rehearsals{Originals: s3store.New(client, c.Repair.Buckets.Uploads), Variants: s3store.New(client, c.Repair.Buckets.Variants),
		Engine: engine, Config: config}, specs, nil
}
