package fakesqs

import "context"

type startMoveInput struct {
	SourceArn                    string
	DestinationArn               string
	MaxNumberOfMessagesPerSecond *int32
}

type taskHandleBody struct{ TaskHandle string }

func startMessageMoveTask(_ context.Context, c *call, in *startMoveInput) (any, error) {
	if in.SourceArn == "" {
		return nil, missingParameter("SourceArn")
	}
	rate := 0
	if in.MaxNumberOfMessagesPerSecond != nil {
		if rate = int(*in.MaxNumberOfMessagesPerSecond); rate < 1 || rate > maxMoveRate {
			return nil, invalidValue(rate, "MaxNumberOfMessagesPerSecond", outOfRange, 1, maxMoveRate)
		}
	}
	handle, err := c.core.startMove(in.SourceArn, in.DestinationArn, rate)
	return taskHandleBody{handle}, err
}

type listMovesInput struct {
	SourceArn  string
	MaxResults *int32
}

type listMovesOutput struct{ Results []moveResult }

type moveResult struct {
	TaskHandle                        string `json:",omitempty"` // while it runs
	Status                            string
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      int    `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64  // milliseconds since 1970
}

func listMessageMoveTasks(_ context.Context, c *call, in *listMovesInput) (any, error) {
	if in.SourceArn == "" {
		return nil, missingParameter("SourceArn")
	}
	limit := 1
	if in.MaxResults != nil {
		if limit = int(*in.MaxResults); limit < 1 || limit > keptTasks {
			return nil, invalidValue(limit, "MaxResults", outOfRange, 1, keptTasks)
		}
	}
	tasks, err := c.core.moveTasks(in.SourceArn, limit)
	if err != nil {
		return nil, err
	}
	out := listMovesOutput{Results: []moveResult{}}
	for _, t := range tasks {
		r := moveResult{Status: t.status, SourceArn: t.source, DestinationArn: t.destination,
			MaxNumberOfMessagesPerSecond:     t.rate,
			ApproximateNumberOfMessagesMoved: t.moved, ApproximateNumberOfMessagesToMove: t.toMove,
			FailureReason: t.failure, StartedTimestamp: t.started.UnixMilli()}
		if t.status == taskRunning {
			r.TaskHandle = t.handle()
		}
		out.Results = append(out.Results, r)
	}
	return out, nil
}

type cancelMoveOutput struct{ ApproximateNumberOfMessagesMoved int }

func cancelMessageMoveTask(_ context.Context, c *call, in *taskHandleBody) (any, error) {
	if in.TaskHandle == "" {
		return nil, missingParameter("TaskHandle")
	}
	moved, err := c.core.cancelMove(in.TaskHandle)
	return cancelMoveOutput{moved}, err
}
