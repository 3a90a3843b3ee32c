package fakesqs

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"darkroom/deploy/testkit/race"
)

// naive applies the rule of fair queues without a data structure: it goes through all messages, and through all times
// that they were in flight.
type naive struct {
	noisy map[string]bool
	sent  map[string]time.Time // latest send, by group
	spans map[string][]span    // times in flight of each group, since it last had no message
	all   []span
}

// span is a time in flight; the zero end means that it lasts.
type span struct{ from, to time.Time }

// knows reports whether the queue has a message of a group.
func (n *naive) knows(q *queue, group string) bool {
	for _, m := range q.messages {
		if m.Group == group {
			return true
		}
	}
	return false
}

func mean(spans []span, now time.Time) (sum float64) {
	for _, s := range spans {
		to := s.to
		if to.IsZero() {
			to = now
		}
		sum += math.Exp(-now.Sub(to).Seconds()/time.Minute.Seconds()) - math.Exp(-now.Sub(s.from).Seconds()/time.Minute.Seconds())
	}
	return sum
}

func (n *naive) next(q *queue, now time.Time) *message {
	first, flying, total := map[string]*message{}, map[string]int{}, 0
	for _, m := range q.messages {
		if f := first[m.Group]; !m.pending && (f == nil || soonest(m, f)) {
			first[m.Group] = m
		}
		if !m.receivedAt.IsZero() {
			flying[m.Group]++
			total++
		}
	}
	var best *message
	for g := range n.noisy {
		if first[g] == nil || now.Sub(n.sent[g]) >= 5*time.Minute {
			delete(n.noisy, g)
		}
	}
	for {
		best = nil
		for g, m := range first {
			if !n.noisy[g] && (best == nil || soonest(m, best)) {
				best = m
			}
		}
		if best == nil {
			break
		}
		share, busy := mean(n.spans[best.Group], now), mean(n.all, now)
		if best.Group != "" && (flying[best.Group] >= 30 && 10*flying[best.Group] > total || busy >= 0.01 && share > busy/10) {
			n.noisy[best.Group] = true
			continue
		}
		return best
	}
	for _, m := range first {
		if best == nil || flying[m.Group] < flying[best.Group] || flying[m.Group] == flying[best.Group] && soonest(m, best) {
			best = m
		}
	}
	return best
}

// Random traffic is received in the order of the naive rule, and every message is received in the end.
func TestFairOrderMatchesNaiveRule(t *testing.T) {
	for seed := 0; seed < 6; seed += race.Every(3) {
		inBubble(t, func(b *bench) {
			r := rand.New(rand.NewPCG(uint64(seed), 1))
			n := &naive{noisy: map[string]bool{}, sent: map[string]time.Time{}, spans: map[string][]span{}}
			sent, received, held := 0, 0, []*delivery{}
			send := func(group string, k int) {
				b.fill(group, k)
				n.sent[group] = time.Now()
				sent += k
			}
			end := func(i int) {
				d := held[i]
				held = append(held[:i], held[i+1:]...)
				for _, spans := range [][]span{n.spans[d.Group], n.all} {
					for j := range spans {
						if spans[j].to.IsZero() && spans[j].from.Equal(d.first) {
							spans[j].to = time.Now()
							break
						}
					}
				}
				b.drop("free", d)
				b.must(b.withQueue("free", func(q *queue, _ time.Time) error {
					if !n.knows(q, d.Group) {
						delete(n.spans, d.Group)
					}
					return nil
				}))
			}
			take := func() {
				var want *message
				b.must(b.withQueue("free", func(q *queue, now time.Time) error {
					want = n.next(q, now)
					return nil
				}))
				if want == nil {
					b.empty("free")
					return
				}
				d := b.hold(1)[0]
				if d.ID != want.ID {
					b.Fatalf("seed %d: received %s, want %s", seed, d.Body, want.Body)
				}
				s := span{from: time.Now()}
				n.spans[d.Group], n.all = append(n.spans[d.Group], s), append(n.all, s)
				held = append(held, d)
				received++
			}
			for range 1500 {
				switch k := r.IntN(10); {
				case k < 2:
					send("A", 3)
				case k < 4:
					send([]string{"", "B", "C", fmt.Sprint(r.IntN(30))}[r.IntN(4)], 1)
				case k < 7:
					take()
				case k < 9 && len(held) > 0:
					end(r.IntN(len(held)))
				default:
					time.Sleep(time.Duration(r.IntN(1000)) * time.Millisecond)
				}
			}
			for received < sent {
				take()
				if len(held) > 50 {
					end(0)
				}
			}
			take()
		})
	}
}
