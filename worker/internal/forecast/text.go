package forecast

import (
	"fmt"
	"strings"
	"time"

	"darkroom/worker/plural"
)

// String returns the forecast as lines of text.
func (f *Forecast) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s, %s, counted in %s", plural.Count(int(f.Originals), "original"), gigabytes(f.Bytes), f.Source)
	if f.Strays > 0 {
		line("%s of no photo, left alone", plural.Count(int(f.Strays), "key"))
	}
	if f.Sample > 0 {
		line("sample: %s, %.1f s of processor time", plural.Count(f.Sample, "photo"), f.SampleCPU)
	}
	if f.Unread > 0 {
		line("%s of the sample could not be read", plural.Count(f.Unread, "photo"))
	}
	line("to render: %s", plural.Count(int(f.Photos), "photo"))
	for _, s := range f.Specs {
		line("  spec %s: %d", s.Name, s.Photos)
	}
	line("requests: %.0f PUT, %.0f LIST, %.0f GET and HEAD to S3, %.0f to SQS", f.Requests.Put, f.Requests.List, f.Requests.Get, f.Requests.SQS)
	line("processor time: %.4g hours, %s", f.CPUHours, f.Processors)
	line("cost: %.2f USD: S3 %.2f, SQS %.2f, Fargate %.2f; prices of %s", f.USD.Total, f.USD.S3, f.USD.SQS, f.USD.Fargate, f.Prices)
	if f.Sample > 0 {
		line("error of the sample: %.1f %% of the cost", 100*f.Error)
	}
	line("time: %s with %s of %g vCPU, bound by %s", f.duration(), plural.Count(f.Fleet.Tasks, "task"), f.Fleet.VCPUs, f.bound())
	return b.String()
}

// bound says what limits the time.
func (f *Forecast) bound() string {
	if f.Bound == "rate" {
		return fmt.Sprintf("--rate %g", f.Fleet.Rate)
	}
	return "their processors"
}

// duration returns the time in days, or to the second if it is shorter than a day.
func (f *Forecast) duration() string {
	if f.Days >= 1 {
		return fmt.Sprintf("%.1f days", f.Days)
	}
	return seconds(f.Days * day).Round(time.Second).String()
}

func gigabytes(n int64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }
