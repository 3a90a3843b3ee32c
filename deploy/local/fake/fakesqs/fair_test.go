package fakesqs

import (
	"fmt"
	"testing"
	"time"
)

// fill sends n messages to a group of queue free.
func (b *bench) fill(group string, n int) {
	b.Helper()
	for i := range n {
		_, _, err := b.send("free", []draft{{content: content{Body: fmt.Sprint(group, i), Group: group}}})
		b.must(err)
	}
}

// hold receives n messages from queue free and keeps them in flight.
func (b *bench) hold(n int) []*delivery {
	b.Helper()
	var held []*delivery
	hour := time.Hour
	for range n {
		got, err := b.receive(b.Context(), "free", receiveOptions{max: 1, timeout: &hour})
		b.must(err)
		if len(got) != 1 {
			b.Fatalf("received %d messages, want 1", len(got))
		}
		held = append(held, &got[0])
	}
	return held
}

// wantGroups checks the groups of the next messages of queue free. It keeps the messages in flight.
func (b *bench) wantGroups(groups string) {
	b.Helper()
	got := ""
	for _, d := range b.hold(len(groups)) {
		if d.Group == "" {
			got += "-"
		}
		got += d.Group
	}
	if got != groups {
		b.Errorf("the queue gave messages of the groups %s, want %s", got, groups)
	}
}

func TestNoisyByMessagesInFlight(t *testing.T) {
	for _, c := range []struct {
		name  string
		own   int // messages of A in flight
		other int // messages of other groups in flight, each of another group
		want  string
	}{
		{"fewer than 30", 29, 0, "A"},
		{"30 of 30", 30, 0, "B"},
		{"30 of 300 are not more than a tenth", 30, 270, "A"},
		{"30 of 299", 30, 269, "B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				b.fill("A", c.own)
				for i := range c.other {
					b.fill(fmt.Sprint("other", i), 1)
				}
				b.hold(c.own + c.other)
				b.fill("A", 3)
				b.fill("B", 1)
				b.wantGroups(c.want)
			})
		})
	}
}

func TestNoisyByProcessingTime(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fill("A", 2)
		for i := range 9 {
			b.fill(fmt.Sprint("other", i), 1)
		}
		held := b.hold(11)
		time.Sleep(10 * time.Second)
		for _, d := range held {
			b.drop("free", d)
		}
		b.fill("A", 2) // the group had ended with its last message, and so has the memory of its processing time
		b.fill("B", 1)
		b.wantGroups("AAB")

		time.Sleep(10 * time.Second) // A has two of the three in flight
		b.fill("A", 2)
		b.fill("C", 1)
		b.wantGroups("CAA")
	})
}

func TestLittleProcessingTimeIsQuiet(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fill("A", 1)
		held := b.hold(1)
		b.fill("A", 2)
		b.fill("B", 1)
		time.Sleep(500 * time.Millisecond)
		b.drop("free", held[0])
		b.wantGroups("AAB")
	})
}

func TestNoisyUntilNothingWaits(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fill("A", 50)
		held := b.hold(40)
		b.fill("B", 2)
		b.wantGroups("BB") // A is noisy
		for _, d := range held {
			b.drop("free", d)
		}
		b.fill("B", 1)
		b.wantGroups("BAAAAAAAAAA") // although none of its messages was in flight
		b.fill("A", 1)
		b.fill("B", 1)
		b.wantGroups("AB")
	})
}

func TestNoisyUntilNothingIsSent(t *testing.T) {
	for wait, want := range map[time.Duration]string{299 * time.Second: "BA", 300 * time.Second: "AA"} {
		inBubble(t, func(b *bench) {
			b.fill("A", 50)
			held := b.hold(40)
			b.fill("B", 1)
			b.wantGroups("B")
			for _, d := range held {
				b.drop("free", d)
			}
			for i := range 20 { // A's share of the processing time falls
				b.fill(fmt.Sprint("other", i), 1)
			}
			b.hold(20)
			time.Sleep(wait)
			b.fill("B", 1)
			b.wantGroups(want)
		})
	}
}

func TestNoisyGroupsShare(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fill("A", 60)
		b.hold(40)
		b.fill("B", 60)
		b.hold(35) // quiet until it has 30 in flight, then noisy with the fewest in flight
		b.fill("C", 1)
		b.wantGroups("CBBBBBABABABAB")
	})
}

func TestMessagesWithoutGroupAreQuiet(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.fill("", 100)
		b.hold(60)
		time.Sleep(time.Minute)
		b.fill("A", 1)
		b.wantGroups("--")
		b.fill("B", 100)
		b.hold(39 + 60)
		b.fill("", 3)
		b.wantGroups("---B")
	})
}

func TestGroupsAreForgotten(t *testing.T) {
	inBubble(t, func(b *bench) {
		for i := range 10 {
			b.fill(fmt.Sprint("A", i), 3)
		}
		for _, d := range b.hold(30) {
			b.drop("free", d)
		}
		b.must(b.withQueue("free", func(q *queue, _ time.Time) error {
			if q.ready.Groups() != 0 || q.ready.Len() != 0 || q.ready.InFlight() != 0 {
				b.Errorf("an empty queue keeps %+v", q.ready)
			}
			return nil
		}))
	})
}
