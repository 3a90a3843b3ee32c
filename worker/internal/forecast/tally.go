package forecast

// tally adds up the rehearsals of a stratum.
type tally struct {
	n        float64
	stale    float64 // photos that get an event
	requests Requests
	seconds  float64 // processor time
	specs    map[string]float64
	all      []rehearsal // those that count
}

// add adds a rehearsal. A photo that is up to date gets no event, so no worker sends its requests.
func (t *tally) add(r rehearsal) {
	t.n++
	if !r.stale {
		r = rehearsal{}
	}
	t.all = append(t.all, r)
	if !r.stale {
		return
	}
	t.stale++
	t.requests = t.requests.plus(r.requests)
	t.seconds += r.cpu.Seconds()
	if t.specs == nil {
		t.specs = map[string]float64{}
	}
	for _, name := range r.specs {
		t.specs[name]++
	}
}

// variance returns the variance of the mean price of a photo, as estimated from the rehearsals.
func (t *tally) variance(f Fleet) float64 {
	if t.n < 2 {
		return 0
	}
	prices := make([]float64, len(t.all))
	mean := 0.0
	for i, r := range t.all {
		if r.stale {
			prices[i] = f.price(r.requests.plus(Requests{SQS: sqsOfEvent}), r.cpu).Total
		}
		mean += prices[i] / t.n
	}
	sum := 0.0
	for _, p := range prices {
		sum += (p - mean) * (p - mean)
	}
	return sum / (t.n - 1) / t.n
}
