// Package autoscaling implements AWS's Application Auto Scaling for one ECS service: target tracking, step scaling
// and predictive scaling, with the CloudWatch alarms behind them. Where AWS documents the behaviour, it is implemented as
// documented. Where AWS says less than a program needs, a comment names the assumption.
//
// The package is pure: it knows no clock and reads no metric.
//
// Sources: the user guide of Application Auto Scaling, "How target tracking scaling works", "How step scaling works" and
// "How Application Auto Scaling predictive scaling works"
// (https://docs.aws.amazon.com/autoscaling/application/userguide/); its API reference,
// TargetTrackingScalingPolicyConfiguration and StepScalingPolicyConfiguration; the user guide of CloudWatch, "Using
// Amazon CloudWatch alarms".
package autoscaling

import "math"

// mostWorkers bounds a number of workers before it is clamped, so that no product overflows.
const mostWorkers = 1_000_000

// workers converts x to a number of workers, towards 0. x may lie outside the range of an int.
func workers(x float64) int { return int(math.Max(-mostWorkers, math.Min(x, mostWorkers))) }
