package fakesqs

import "strings"

// arn is the Amazon Resource Name of a queue.
type arn struct{ region, account, name string }

func (a arn) String() string { return "arn:aws:sqs:" + a.region + ":" + a.account + ":" + a.name }

func parseARN(s string) (arn, bool) {
	p := strings.Split(s, ":")
	if len(p) != 6 || p[0] != "arn" || p[2] != "sqs" || p[5] == "" {
		return arn{}, false
	}
	return arn{region: p[3], account: p[4], name: p[5]}, true
}
