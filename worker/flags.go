package main

import (
	"errors"
	"fmt"
	"math"
	"path"
	"regexp"
	"runtime"
	"time"

	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

// Each group of settings is one structure with one Validate, and every command that has a setting of the group embeds
// the whole group. So all commands accept the same values, and refuse others with the same message.

// queueFlags name the queues and the dead-letter queue.
type queueFlags struct {
	URL           string `name:"queue-url" env:"QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue that the uploads bucket notifies. Every command but dlq list needs it."`
	PhotosURL     string `name:"photos-queue-url" env:"PHOTOS_QUEUE_URL" placeholder:"URL" group:"Queue" help:"SQS queue that photos are rendered from. The workers forward each event there, with its board as the message group, so that a flood of one board delays no other. Without it, one queue does both."`
	DeadLetterURL string `name:"dead-letter-queue-url" env:"DEAD_LETTER_QUEUE_URL" placeholder:"URL" group:"Queue" help:"Dead-letter queue of the queue that the uploads bucket notifies. Default: the one in its redrive policy."`
}

// Validate reports a URL that names no queue, and two that name the same one.
func (f queueFlags) Validate() error {
	name, err := queueName("QUEUE_URL", f.URL)
	if err != nil {
		return err
	}
	deadLetter, err := queueName("DEAD_LETTER_QUEUE_URL", f.DeadLetterURL)
	if err != nil {
		return err
	}
	if name != "" && name == deadLetter {
		return fmt.Errorf("QUEUE_URL and DEAD_LETTER_QUEUE_URL name the same queue, %s: a message that cannot be handled would return to it for ever", path.Base(name))
	}
	photos, err := queueName("PHOTOS_QUEUE_URL", f.PhotosURL)
	switch {
	case err != nil || photos == "":
		return err
	case name == "":
		return errors.New("PHOTOS_QUEUE_URL also needs QUEUE_URL: want the URL of the SQS queue that the uploads bucket notifies")
	case photos == name:
		return fmt.Errorf("QUEUE_URL and PHOTOS_QUEUE_URL name the same queue, %s: a photo would be forwarded to it for ever", path.Base(name))
	case photos == deadLetter:
		return fmt.Errorf("PHOTOS_QUEUE_URL and DEAD_LETTER_QUEUE_URL name the same queue, %s: a message that cannot be handled would be rendered for ever", path.Base(photos))
	}
	return nil
}

// require reports a queue that is not set, for commands that cannot do without it.
func (f queueFlags) require() error {
	if f.URL == "" {
		return errors.New("QUEUE_URL is not set: want the URL of the SQS queue that the uploads bucket notifies")
	}
	return nil
}

// queueName returns the account and the name of a queue by its URL, or "" if the setting is empty.
func queueName(setting, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	if _, err := settings.HTTPURL(value); err != nil {
		return "", settings.Named(setting, err)
	}
	name := sqsqueue.AccountAndName(value)
	if name == "" {
		return "", fmt.Errorf("%s: the URL names no queue: want http(s)://host/account/queue", setting)
	}
	return name, nil
}

// bucketFlags name the two buckets.
type bucketFlags struct {
	Uploads  string `required:"" name:"uploads-bucket" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that clients upload photos to."`
	Variants string `required:"" name:"variants-bucket" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket of the variants and manifests."`
}

// bucketName has the characters of S3's names, those of old buckets in us-east-1 included:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$`)

// Validate reports a name that no bucket can have, and one bucket in both places.
func (f bucketFlags) Validate() error {
	for _, b := range []struct{ setting, name string }{{"UPLOADS_BUCKET", f.Uploads}, {"VARIANTS_BUCKET", f.Variants}} {
		if b.name == "" {
			return fmt.Errorf("%s is not set: want the name of a bucket", b.setting)
		}
		if !bucketName.MatchString(b.name) {
			return fmt.Errorf("%s: %.80q is not the name of a bucket: want the name alone, neither an s3:// URL nor an ARN", b.setting, b.name)
		}
	}
	if f.Uploads == f.Variants {
		return fmt.Errorf("UPLOADS_BUCKET and VARIANTS_BUCKET are the same bucket, %s: the worker would take its own variants for uploads", f.Uploads)
	}
	return nil
}

// recipeFlags decide how variants are made. All commands of one system must have the same values.
type recipeFlags struct {
	Variants        string        `name:"variants" env:"VARIANTS" placeholder:"JSON" group:"Variants" help:"Specs of the variants, as [{\"name\",\"width\",\"height\",\"fit\"}, ...]; worker/README.md describes all fields. Default: large 1600, medium 800, small 320 fit inside, thumb 256x256 cropped."`
	Keep            string        `name:"keep" env:"KEEP" placeholder:"LIST" group:"Variants" help:"What variants and manifests keep of the words in an original, separated by commas: copyright, creator, credit, description. Default: nothing."`
	MaxBytes        int64         `env:"MAX_BYTES" default:"67108864" placeholder:"BYTES" group:"Limits" help:"Largest original to read, in bytes."`
	MaxPixels       int64         `env:"MAX_PIXELS" default:"120000000" placeholder:"PIXELS" group:"Limits" help:"Most pixels of a photo to decode, width times height."`
	AnimationFrames int64         `env:"ANIMATION_FRAMES" default:"1000" placeholder:"N" group:"Limits" help:"Most frames of an animation that a spec with animate keeps. Of a longer one, variants show the first frame."`
	AnimationPixels int64         `env:"ANIMATION_PIXELS" default:"500000000" placeholder:"PIXELS" group:"Limits" help:"Most pixels of such an animation, width times height times frames."`
	AnimationTime   time.Duration `env:"ANIMATION_TIME" default:"20s" placeholder:"DURATION" group:"Limits" help:"Longest processor time of such an animation, 1ms to 1h, as estimated from its headers."`
	Damaged         string        `env:"DAMAGED" default:"reject" enum:"reject,accept" placeholder:"POLICY" group:"Limits" help:"What becomes of damaged files: reject them, or accept them and show what can be read."`
}

// acceptDamaged is the value of DAMAGED with which damaged files are rendered.
const acceptDamaged = "accept"

// Validate reports specs and limits that the engine cannot use.
func (f recipeFlags) Validate() error {
	// The engine reads 0 as its default, but whoever sets 0 does not ask for that.
	if err := settings.Named("MAX_BYTES", settings.Range(f.MaxBytes, 1, math.MaxInt64/8)); err != nil {
		return err
	}
	if err := settings.Named("MAX_PIXELS", settings.Range(f.MaxPixels, 1, engine.MaxPixels)); err != nil {
		return err
	}
	if err := f.validateAnimations(); err != nil {
		return err
	}
	cfg, err := f.config()
	if err != nil {
		return err
	}
	return cfg.Validate()
}

func (f recipeFlags) validateAnimations() error {
	if err := settings.Named("ANIMATION_FRAMES", settings.Range(f.AnimationFrames, 1, engine.MaxAnimationFrames)); err != nil {
		return err
	}
	if err := settings.Named("ANIMATION_PIXELS", settings.Range(f.AnimationPixels, 1, engine.MaxAnimationPixels)); err != nil {
		return err
	}
	return settings.Named("ANIMATION_TIME", settings.Range(f.AnimationTime, time.Millisecond, engine.MaxAnimationWork))
}

func (f recipeFlags) config() (engine.Config, error) {
	cfg := engine.Config{Specs: engine.DefaultSpecs(), MaxBytes: f.MaxBytes, MaxPixels: f.MaxPixels, Damaged: f.Damaged == acceptDamaged,
		Animations: engine.AnimationLimits{Frames: f.AnimationFrames, Pixels: f.AnimationPixels, Work: f.AnimationTime}}
	if f.Variants != "" {
		specs, err := engine.ParseSpecs([]byte(f.Variants))
		if err != nil {
			return cfg, settings.Named("VARIANTS", err)
		}
		cfg.Specs = specs
	}
	keep, err := credit.ParseFields(f.Keep)
	if err != nil {
		return cfg, settings.Named("KEEP", err)
	}
	cfg.Keep = keep
	return cfg, nil
}

// engine returns an engine with these settings. It returns an error if a C library of the system would read uploads.
func (f recipeFlags) engine() (*engine.Engine, error) {
	if err := format.CheckSandbox(); err != nil {
		return nil, err
	}
	cfg, err := f.config()
	if err != nil {
		return nil, err
	}
	return engine.New(cfg)
}

// recipe returns the recipe of an engine with these settings, for commands that render nothing.
func (f recipeFlags) recipe() (photo.Recipe, error) {
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

// engineFlags are the settings of a process that renders.
type engineFlags struct {
	Recipe  recipeFlags    `embed:""`
	Renders *int           `env:"RENDERS" placeholder:"N" group:"Limits" help:"Photos rendered at once. Default: the number of processors."`
	Memory  *int64         `name:"memory-budget" env:"MEMORY_BUDGET" placeholder:"BYTES" group:"Limits" help:"Memory for originals and renders in bytes, at least 4 times MAX_BYTES. Default: 60 % of the container's limit, or 1 GiB without one."`
	Timeout *time.Duration `name:"render-timeout" env:"RENDER_TIMEOUT" placeholder:"DURATION" group:"Limits" help:"Processor time for rendering a large photo, 1ms to 1h. A photo that takes longer is rejected. Small photos have less, at least a tenth. Default: 60s."`
}

// maxRenders is more than any machine has processors.
const maxRenders = 1024

// Validate reports the first setting that cannot be used. The groups within check themselves.
func (f engineFlags) Validate() error {
	if f.Renders != nil {
		if err := settings.Named("RENDERS", settings.Range(*f.Renders, 1, maxRenders)); err != nil {
			return err
		}
	}
	if f.Timeout != nil {
		if err := settings.Named("RENDER_TIMEOUT", settings.Range(*f.Timeout, time.Millisecond, time.Hour)); err != nil {
			return err
		}
	}
	if f.Memory != nil {
		return settings.Named("MEMORY_BUDGET", settings.Range(*f.Memory, f.leastMemory(), math.MaxInt64))
	}
	return nil
}

// renders returns how many photos are rendered at once.
func (f engineFlags) renders() int {
	if f.Renders != nil {
		return *f.Renders
	}
	return runtime.GOMAXPROCS(0)
}

// timeout returns the processor time for rendering a large photo.
func (f engineFlags) timeout() time.Duration {
	if f.Timeout != nil {
		return *f.Timeout
	}
	return reconcile.DefaultRenderTimeout
}
