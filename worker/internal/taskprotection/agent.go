package taskprotection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	callTimeout = 2 * time.Second // time limit of one call to the agent
	maxAnswer   = 64 << 10        // longest answer that is read, in bytes
)

// Reasons why ECS refuses to protect a task:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
const (
	reasonBlocked   = "DEPLOYMENT_BLOCKED"
	reasonNoService = "TASK_NOT_VALID"
)

// refusal is ECS's refusal to protect a task. The answer has status 200.
type refusal struct{ Reason, Detail string }

func (f *refusal) Error() string { return f.Reason + ": " + f.Detail }

// callAgent makes one call to the agent.
func (p *Protection) callAgent(ctx context.Context, protect bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	in := struct {
		ProtectionEnabled bool
		ExpiresInMinutes  int `json:",omitempty"`
	}{ProtectionEnabled: protect}
	if protect {
		in.ExpiresInMinutes = int(p.cfg.Expires / time.Minute)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("task protection: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, p.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("task protection: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.cfg.Client.Do(req)
	if err != nil {
		return fmt.Errorf("task protection: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("task protection: read the answer: %w", err)
	}
	var out struct {
		Protection *struct{ ProtectionEnabled bool }
		Failure    *refusal
		Error      *struct{ Code, Message string }
	}
	err = json.Unmarshal(text, &out)
	switch {
	case err == nil && out.Failure != nil:
		return fmt.Errorf("task protection: %w", out.Failure)
	case err == nil && out.Error != nil:
		return fmt.Errorf("task protection: %s: %s: %s", resp.Status, out.Error.Code, out.Error.Message)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("task protection: %s", resp.Status)
	case err != nil:
		return fmt.Errorf("task protection: answer: %w", err)
	case out.Protection == nil || out.Protection.ProtectionEnabled != protect:
		return errors.New("task protection: the answer does not confirm the change")
	}
	return nil
}
