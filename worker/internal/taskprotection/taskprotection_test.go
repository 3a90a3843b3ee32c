package taskprotection

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestProtectionFollowsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &agent{t: t}
		p, stop := a.start(Config{Linger: 30 * time.Second})
		time.Sleep(time.Minute)
		a.want() // an idle task is never protected
		p.Busy(true)
		time.Sleep(time.Second)
		a.want("1m0s on 10")
		p.Busy(false)
		time.Sleep(29 * time.Second)
		p.Busy(true) // again before 30 s have passed
		time.Sleep(time.Minute)
		p.Busy(false)
		time.Sleep(time.Hour)
		a.want("1m0s on 10", "3m0s off")
		p.Busy(true)
		time.Sleep(12 * time.Minute) // longer than the protection lasts
		a.want("1m0s on 10", "3m0s off", "1h2m30s on 10", "1h7m30s on 10", "1h12m30s on 10")
		stop()
		time.Sleep(time.Hour)
		a.want("1m0s on 10", "3m0s off", "1h2m30s on 10", "1h7m30s on 10", "1h12m30s on 10")
	})
}

// TestNoLingerEndsTheProtectionAtOnce has an explicit 0, which is not a default of 30 s.
func TestNoLingerEndsTheProtectionAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &agent{t: t}
		p, stop := a.start(Config{Linger: 0})
		p.Busy(true)
		time.Sleep(5 * time.Second)
		p.Busy(false)
		time.Sleep(time.Second)
		a.want("0s on 10", "5s off")
		stop()
	})
}

const blocked = `{"failure":{"Arn":"arn:aws:ecs:us-west-2:111122223333:task/1234","Detail":null,"Reason":"DEPLOYMENT_BLOCKED"}}`

// TestATaskThatIsReplacedDrains has a deployment that replaces this task only after a while.
func TestATaskThatIsReplacedDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var drains, asked atomic.Int32
		var refuses, replaced atomic.Bool
		a := &agent{t: t, answer: func(w http.ResponseWriter, _ *http.Request) bool {
			if refuses.Load() {
				fmt.Fprint(w, blocked)
			}
			return refuses.Load()
		}}
		p, stop := a.start(Config{Drain: func() { drains.Add(1) }, Replaced: func(context.Context) (bool, error) {
			asked.Add(1)
			return replaced.Load(), nil
		}})
		p.Busy(true)
		time.Sleep(time.Minute)
		if drains.Load()+asked.Load() != 0 {
			t.Error("drains or asks without a reason")
		}
		refuses.Store(true)
		time.Sleep(9 * time.Minute) // the protection is renewed after five
		if n := asked.Load(); drains.Load() != 0 || n < 5 || n > 17 {
			t.Errorf("drained %d times, asked %d times, want never and every 15 to 45 s", drains.Load(), n)
		}
		replaced.Store(true)
		time.Sleep(45 * time.Second)
		if n := drains.Load(); n != 1 {
			t.Errorf("asked to drain %d times, want once", n)
		}
		before := asked.Load()
		time.Sleep(30 * time.Minute)
		if drains.Load() != 1 || asked.Load() != before {
			t.Error("goes on after it has drained")
		}
		p.Busy(false)
		stop()
	})
}

// TestABusyTaskAsksAtEachRenewal has a deployment that no refusal shows: ECS always grants the protection.
func TestABusyTaskAsksAtEachRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var drains, asked atomic.Int32
		var replaced atomic.Bool
		a := &agent{t: t}
		p, stop := a.start(Config{Linger: 30 * time.Second, Drain: func() { drains.Add(1) }, Replaced: func(context.Context) (bool, error) {
			asked.Add(1)
			return replaced.Load(), nil
		}})
		p.Busy(true)
		time.Sleep(11 * time.Minute)
		if asked.Load() != 2 || drains.Load() != 0 {
			t.Errorf("asked %d times in eleven minutes, drained %d times, want at the two renewals and never", asked.Load(), drains.Load())
		}
		replaced.Store(true)
		time.Sleep(5 * time.Minute)
		n := a.count()
		time.Sleep(time.Hour)
		if drains.Load() != 1 || a.count() != n {
			t.Errorf("asked to drain %d times, and %d calls after that, want once and none", drains.Load(), a.count()-n)
		}
		p.Busy(false)
		stop()
	})
}

// TestNoTaskDrainsAtScaleIn has the refusal that every busy worker gets while more of them are protected than are
// desired.
func TestNoTaskDrainsAtScaleIn(t *testing.T) {
	for name, replaced := range map[string]func(context.Context) (bool, error){
		"not replaced":  func(context.Context) (bool, error) { return false, nil },
		"unknown":       func(context.Context) (bool, error) { return true, errors.New("access denied") },
		"nobody to ask": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var over atomic.Bool
				a := &agent{t: t, answer: func(w http.ResponseWriter, _ *http.Request) bool {
					if !over.Load() {
						fmt.Fprint(w, blocked)
					}
					return !over.Load()
				}}
				p, stop := a.start(Config{Drain: func() { t.Error("asked to drain") }, Replaced: replaced})
				p.Busy(true)
				time.Sleep(time.Hour)
				over.Store(true)
				time.Sleep(45 * time.Second)
				n := a.count()
				time.Sleep(2 * time.Minute)
				if n < 60*60/45 || a.count() != n {
					t.Errorf("%d calls while it is refused and %d in 2 min after that, want some and none", n, a.count()-n)
				}
				stop()
			})
		})
	}
}

func TestFailuresAreTriedAgain(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"requestID":"12345-abc","error":{"Arn":"arn","Code":"AccessDeniedException","Message":"no"}}`)
		},
		"another failure": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"failure":{"Reason":"THROTTLED"}}`) },
		"not JSON":        func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>`) },
		"an empty answer": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) },
		"a bad status":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"not what was requested": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"protection":{"ProtectionEnabled":false}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &agent{t: t}
				a.answer = func(w http.ResponseWriter, r *http.Request) bool {
					a.mu.Lock()
					n := len(a.calls)
					a.mu.Unlock()
					if n < 3 {
						answer(w, r)
						return true
					}
					return false
				}
				p, stop := a.start(Config{Drain: func() { t.Error("asked to drain") }})
				p.Busy(true)
				time.Sleep(time.Minute)
				a.want("0s on 10", "10s on 10", "20s on 10")
				stop()
			})
		})
	}
}

// TestCallsAreBounded has an agent that never answers. Stopping does not wait for it.
func TestCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &agent{t: t, answer: func(w http.ResponseWriter, r *http.Request) bool {
			<-r.Context().Done()
			return true
		}}
		p, stop := a.start(Config{})
		p.Busy(true)
		time.Sleep(13 * time.Second)
		a.want("0s on 10", "12s on 10") // 2 s for the call, 10 s until the next
		begun := time.Now()
		stop()
		if d := time.Since(begun); d != 0 {
			t.Errorf("stopped after %v", d)
		}
	})
}

func TestStandaloneTaskIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &agent{t: t, answer: func(w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, `{"failure":{"Arn":"arn","Detail":null,"Reason":"TASK_NOT_VALID"}}`)
			return true
		}}
		p, stop := a.start(Config{Drain: func() { t.Error("asked to drain") }})
		p.Busy(true)
		time.Sleep(time.Hour)
		p.Busy(false)
		p.Busy(true)
		a.want("0s on 10")
		stop()
	})
}

// TestOverTheNetwork calls an agent on a server.
func TestOverTheNetwork(t *testing.T) {
	a := &agent{t: t, begun: time.Now()}
	server := httptest.NewServer(a)
	defer server.Close()
	p, err := New(Config{AgentURI: server.URL + "/api/1234/", Expires: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, protect := range []bool{true, false} {
		if err := p.callAgent(t.Context(), protect); err != nil {
			t.Error(err)
		}
	}
	if len(a.calls) != 2 || !strings.HasSuffix(a.calls[0], " on 60") || !strings.HasSuffix(a.calls[1], " off") {
		t.Errorf("calls %v", a.calls)
	}
}

func TestConfigValidate(t *testing.T) {
	const uri = "http://169.254.170.2/api/1234"
	for _, c := range []Config{{}, {AgentURI: "::"}, {AgentURI: "169.254.170.2"}, {AgentURI: uri, Expires: time.Second}, {AgentURI: uri, Expires: 90 * time.Second},
		{AgentURI: uri, Expires: 49 * time.Hour}, {AgentURI: uri, Linger: -1}, {AgentURI: uri, Linger: 2 * time.Hour}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was accepted, want an error", c)
		}
	}
}
