package simulation

import "time"

// bucket is a token bucket.
type bucket struct{ full time.Duration } // time at which its last token will be back

// take takes the next token, and returns the time at which it is available.
func (b *bucket) take(now time.Duration, burst int, perSecond float64) time.Duration {
	each := time.Duration(float64(time.Second) / perSecond)
	b.full = max(b.full, now) + each
	return max(now, b.full-time.Duration(burst)*each)
}

func capacityProvider(spot bool) int {
	if spot {
		return 1
	}
	return 0
}

// nextOnSpot reports whether the next task goes on Spot: first the base is filled, then whichever provider is behind
// its weight. Each deployment has its own base.
func (r *run) nextOnSpot() (spot bool) {
	count := r.placed(true)
	if count[0] < r.Fleet.Base || r.Fleet.SpotWeight == 0 {
		return false
	}
	if r.Fleet.OnDemandWeight == 0 {
		return true
	}
	return (count[1])*r.Fleet.OnDemandWeight < (count[0]-r.Fleet.Base)*r.Fleet.SpotWeight
}

// placed returns the number of tasks of each capacity provider, of the primary revision or of all.
func (r *run) placed(primary bool) (count [2]int) {
	for _, id := range r.fleet.alive {
		if t := &r.fleet.tasks[id]; !primary || t.revision == r.fleet.revision {
			count[capacityProvider(t.spot)]++
		}
	}
	return count
}

// provider returns where the next task goes. A provider whose quota is used up holds up its own share of the tasks
// only, for which ECS tries again.
func (r *run) provider() (spot, ok bool) {
	spot = r.nextOnSpot()
	if r.Fleet.QuotaVCPU == 0 {
		return spot, true
	}
	count, all := r.placed(true), r.placed(false)
	weights := r.Fleet.OnDemandWeight + r.Fleet.SpotWeight
	more := max(0, r.fleet.desired-r.Fleet.Base)
	share := [2]int{r.fleet.desired - more + (more*r.Fleet.OnDemandWeight+weights-1)/weights,
		(more*r.Fleet.SpotWeight + weights - 1) / weights}
	for _, spot := range []bool{spot, !spot} {
		i := capacityProvider(spot)
		if count[i] < share[i] && float64(all[i]+1)*r.Fleet.VCPU <= r.Fleet.QuotaVCPU {
			return spot, true
		}
	}
	return false, false
}

// start launches a task, which becomes ready later.
func (r *run) start(spot bool) int32 {
	id := r.launch(spot)
	r.schedule(r.fleet.tasks[id].launched+r.AWS.startTime(r.rand), event{kind: eventTaskReady, task: id})
	return id
}

// window limits launches to a number in any minute.
type window struct{ launches []time.Duration }

// take returns the time of the next launch.
func (w *window) take(now time.Duration, most int) time.Duration {
	if n := len(w.launches); n >= most {
		now = max(now, w.launches[n-most]+time.Minute)
	}
	w.launches = append(w.launches, now)
	return now
}

// launch creates a pending task.
func (r *run) launch(spot bool) int32 {
	id := int32(len(r.fleet.tasks))
	at := r.fleet.tokens[capacityProvider(spot)].take(r.now, r.AWS.LaunchBurst, r.AWS.LaunchRate)
	if spot {
		at = max(at, r.fleet.noSpotUntil)
	}
	at = max(at, r.fleet.launches.take(r.now, r.AWS.ServiceRate))
	r.fleet.tasks = append(r.fleet.tasks, task{spot: spot, launched: at, revision: r.fleet.revision})
	r.fleet.alive = append(r.fleet.alive, id)
	return id
}
