package main

import (
	"fmt"
	"io"
	"runtime"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/side"
	"darkroom/deploy/bench/internal/table"
	"darkroom/worker/prices"
)

// Assumptions about a million photos.
const (
	photosOfBill = 1e6
	gbOfVCPU     = 2.0 // memory of a task for each vCPU
	putsOfPhoto  = 5   // the upload, the variants and the manifest
	getsOfPhoto  = 3   // GET the original, GET the absent manifest, HEAD the original
	viewed       = 1   // index of the size that users see
)

// billViews lists how often each photo is seen.
var billViews = []float64{10, 100, 1000}

// bill holds the costs of a million photos on AWS, in US dollars, if a side renders them to a format.
type bill struct {
	Side     string    `json:"side"`
	Format   string    `json:"format"`
	HEIC     bool      `json:"heic"` // all photos are HEIC; otherwise none is
	CPU      float64   `json:"cpu"`
	Requests float64   `json:"requests"`
	Traffic  []float64 `json:"traffic"` // one for each entry of billViews
	// Equal is the traffic of files with the score of the report. It is empty if that is unknown.
	Equal []float64 `json:"equalTraffic"`
}

// bills returns the bills of each format and side, for the average photo. PNG is left out, because few pictures have
// transparent pixels.
func bills(photos []row) (all []bill) {
	for _, isHEIC := range []bool{false, true} {
		for _, t := range side.Targets {
			var group []row
			for _, p := range photos {
				if p.Format == t.Name && (p.Kind == photoset.HEIC) == isHEIC {
					group = append(group, p)
				}
			}
			if len(group) == 0 {
				continue
			}
			for i, f := range group[0].Sides {
				var cpu, seen, equal float64
				known := true
				for _, p := range group {
					cpu += p.Sides[i].CPU.Median / float64(len(group))
					seen += p.Sides[i].Bytes[viewed] / float64(len(group))
					equal += p.Sides[i].Equal[viewed] / float64(len(group))
					known = known && p.Sides[i].Equal[viewed] > 0
				}
				b := bill{Side: f.Name, Format: t.Name, HEIC: isHEIC, CPU: cpuPrice(cpu), Requests: requestPrice(), Traffic: trafficPrices(seen)}
				if known {
					b.Equal = trafficPrices(equal)
				}
				all = append(all, b)
			}
		}
	}
	return all
}

// cpuPrice returns the price of the tasks that render the photos, in milliseconds each.
func cpuPrice(ms float64) float64 {
	p := fargate()
	return photosOfBill * ms / 1000 / 3600 * (p.VCPUHour + gbOfVCPU*p.GBHour)
}

// fargate returns the price for the architecture of this machine, on which the time was measured.
func fargate() prices.Fargate {
	if runtime.GOARCH == "arm64" {
		return prices.FargateARM64
	}
	return prices.FargateAMD64
}

// requestPrice returns the price of the requests to S3.
func requestPrice() float64 {
	return photosOfBill * (putsOfPhoto*prices.S3Put + getsOfPhoto*prices.S3Get)
}

// trafficPrices returns the price of CloudFront's traffic if users see a file of this size, for each entry of
// billViews.
func trafficPrices(bytes float64) (usd []float64) {
	for _, views := range billViews {
		usd = append(usd, prices.Tiered(prices.CDNTiers, photosOfBill*views*bytes/1e9))
	}
	return usd
}

// assumptions returns lines that say what the bills are for, and how they are calculated.
func (r report) assumptions(isHEIC bool) []string {
	p, photos := fargate(), "JPEGs and PNGs"
	if isHEIC {
		photos = "HEICs"
	}
	return []string{
		fmt.Sprintf("A million %s in USD, at %s prices of %s, without free tiers and discounts:", photos, prices.Region, prices.Month),
		fmt.Sprintf("CPU: cpu ms on busy Fargate tasks (%s, %g a vCPU-hour, %g a GB-hour, %g GB a vCPU).", runtime.GOARCH, p.VCPUHour, p.GBHour, gbOfVCPU),
		fmt.Sprintf("REQUESTS: %d PUT and %d GET or HEAD to S3 for a photo.", putsOfPhoto, getsOfPhoto),
		fmt.Sprintf("TRAFFIC: what CloudFront sends if each photo is seen 10, 100 or 1,000 times in a month, as %s.", side.Sizes[viewed].Name),
		fmt.Sprintf("AT %g: the same with files of that score. CloudFront's requests are extra: %g a million views.", r.Score, prices.CDNRequest*1e6),
	}
}

// writeBills prints the costs of each set of sides.
func (r report) writeBills(w io.Writer) error {
	for _, isHEIC := range []bool{false, true} {
		t := r.billTable(isHEIC)
		if len(t) == 1 {
			continue
		}
		fmt.Fprintln(w)
		for _, line := range r.assumptions(isHEIC) {
			fmt.Fprintln(w, line)
		}
		fmt.Fprintln(w)
		if err := t.Write(w); err != nil {
			return err
		}
	}
	return nil
}

// billTable returns a line for each format and side.
func (r report) billTable(isHEIC bool) table.Table {
	at := fmt.Sprintf("AT %g: ", r.Score)
	t := table.Table{{"SIDE", "TO", "CPU", "REQUESTS", "TRAFFIC: 10", "100", "1,000", at + "10", "100", "1,000"}}
	for _, b := range r.Bills {
		if b.HEIC != isHEIC {
			continue
		}
		line := []string{b.Side, b.Format, fmt.Sprintf("%.2f", b.CPU), fmt.Sprintf("%.2f", b.Requests)}
		for _, group := range [][]float64{b.Traffic, b.Equal} {
			for i := range billViews {
				if group == nil {
					line = append(line, "-")
				} else {
					line = append(line, fmt.Sprintf("%.0f", group[i]))
				}
			}
		}
		t = append(t, line)
	}
	return t
}
