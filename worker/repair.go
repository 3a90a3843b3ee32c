package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/store/s3store"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
	"darkroom/worker/settings"
)

// repairFlags are the settings of the commands that compare the two buckets and send events.
type repairFlags struct {
	AWS     awsFlags    `embed:""`
	Queue   queueFlags  `embed:""`
	Buckets bucketFlags `embed:""`
	Limits  limitFlags  `embed:""`
	Prefix  string      `placeholder:"KEY" group:"Storage" help:"Beginning of the keys to process, such as cats/ for a board. Default: all."`
	After   string      `placeholder:"KEY" group:"Storage" help:"Key of the photo to continue after, as an earlier run printed it."`
}

// Validate reports a missing queue, and a key to continue after that is not a photo's: after only a part of a key, the
// two buckets would be compared from different photos on. The groups within check themselves.
func (f repairFlags) Validate() error {
	if f.After != "" {
		if _, err := photo.ParseKey(f.After); err != nil {
			return settings.Named("--after", err)
		}
	}
	return f.Queue.require()
}

// open opens the two buckets, and the queue that gets the events of this name.
func (f repairFlags) open(ctx context.Context, name string, line *progress.Line) (*repair.Repair, *repair.Events, error) {
	cfg, err := f.AWS.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	events, err := repair.NewEvents(repair.EventsConfig{Limits: f.Limits.limits(), Bucket: f.Buckets.Uploads, Name: name,
		Grouped: f.Queue.PhotosURL != "", Out: os.Stdout}, f.Queue.openPhotos(sqs.NewFromConfig(cfg)))
	if err != nil {
		return nil, nil, err
	}
	uploads := s3store.New(s3.NewFromConfig(cfg, s3store.Options), f.Buckets.Uploads)
	variants := s3store.New(s3.NewFromConfig(cfg, s3store.Options), f.Buckets.Variants)
	return repair.New(repair.Config{Prefix: f.Prefix, After: f.After, Progress: line, Notes: os.Stdout}, uploads, variants, events), events, nil
}

type sweepCommand struct {
	Repair    repairFlags   `embed:""`
	OlderThan time.Duration `default:"1h" placeholder:"DURATION" group:"Storage" help:"Minimum age of an original without a manifest, or of a variant that no manifest names. Keep it above the sum of JOB_TIMEOUT and VISIBILITY_TIMEOUT."`
	Changed   time.Duration `name:"changed-within" default:"0" placeholder:"DURATION" group:"Storage" help:"Read the manifest of a photo only if one of its objects was modified this recently; 0 to read all."`
	Rejected  int           `name:"rejected-days" env:"REJECTED_DAYS" default:"0" placeholder:"DAYS" group:"Storage" help:"Age from which the originals of rejected photos are deleted, in days; 0 keeps them."`
}

// maxRejectedDays is ten years.
const maxRejectedDays = 3650

// Validate reports an age that is out of range.
func (c *sweepCommand) Validate() error {
	if err := settings.Named("--older-than", settings.Range(c.OlderThan, 0, math.MaxInt64)); err != nil {
		return err
	}
	if err := settings.Named("--changed-within", settings.Range(c.Changed, 0, math.MaxInt64)); err != nil {
		return err
	}
	if err := settings.Named("REJECTED_DAYS", settings.Range(c.Rejected, 0, maxRejectedDays)); err != nil {
		return err
	}
	if c.Changed != 0 && c.Changed <= c.OlderThan {
		return fmt.Errorf("--changed-within: %v is not longer than --older-than, %v: no photo could be reported", c.Changed, c.OlderThan)
	}
	return nil
}

// Help is shown by --help.
func (*sweepCommand) Help() string {
	return `Compares the two buckets and sends the queue an event for each photo that has variants or a manifest but no original, and for each original that has had no manifest for longer than --older-than. It also finds variants that no manifest names, which a worker that was frozen for longer than its visibility timeout can leave behind. And it finds manifests that cannot be used, that describe another original, or that name a variant that is missing or has another size. A worker checks the buckets again, and deletes or renders what is needed.

It lists both buckets, and reads the manifest of each photo with a GET. A photo that is in order stays so until one of its objects is modified. A daily sweep can therefore use --changed-within 72h, which also makes up for two failed sweeps.

With --rejected-days it also sends an event for each rejected photo whose original is that old. The worker deletes the original and keeps the manifest with the reason. The photo can then no longer be rendered, even if the limit or DAMAGED that rejected it changes.

It deletes nothing itself, so a photo that is uploaded or removed meanwhile is safe, and a wrong bucket name does no harm. It can be interrupted and run again.`
}

// Run is the command sweep.
func (c *sweepCommand) Run(ctx context.Context) error {
	line := newProgress(-1)
	r, events, err := c.Repair.open(ctx, reconcile.EventSweep, line)
	if err != nil {
		return err
	}
	sum, err := r.Sweep(ctx, repair.SweepConfig{OlderThan: c.OlderThan, ChangedWithin: c.Changed,
		RejectedFor: time.Duration(c.Rejected) * 24 * time.Hour, DiscardEvent: reconcile.EventDiscard})
	line.Close()
	fmt.Printf("%s\n%d without an original\n%d without a manifest for %v\n%d with variants that no manifest names\n%d with a manifest that does not match\n%d changed less than %v ago\n",
		plural.Count(sum.Photos, "photo"), sum.Orphans, sum.Unfinished, c.OlderThan, sum.Leftovers, sum.Damaged, sum.Young, c.OlderThan)
	if c.Rejected > 0 {
		fmt.Printf("%d rejected, with originals older than %s\n", sum.Discards, plural.Count(c.Rejected, "day"))
	}
	showFound(sum.Found)
	fmt.Println(c.Repair.Limits.sentCount(events.SentCount()))
	return runError(ctx, err, sum.Last)
}

// showFound prints what a run left alone.
func showFound(f repair.Found) {
	if f.Newer > 0 {
		fmt.Printf("%s with a manifest from a newer release, left alone\n", plural.Count(f.Newer, "photo"))
	}
	if f.Strays > 0 {
		fmt.Printf("%s of no photo, such as %q, left alone\n", plural.Count(f.Strays, "key"), f.Stray)
	}
}
