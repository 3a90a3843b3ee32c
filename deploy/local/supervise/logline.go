package supervise

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
)

// Message returns a line of a child's log in readable form, with its level. A line that is not a log/slog record in
// JSON or text form, such as a line of a panic, is returned unchanged and counts as an error.
func Message(line string) (slog.Level, string) {
	var record map[string]any
	if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &record) == nil {
		level, ok := parseLevel(record[slog.LevelKey])
		if !ok {
			return slog.LevelError, line
		}
		text := fmt.Sprint(record[slog.MessageKey])
		for _, known := range []string{slog.LevelKey, slog.MessageKey, slog.TimeKey, "program"} {
			delete(record, known)
		}
		return level, level.String() + " " + text + attributesText(record)
	}
	if m := textLevel.FindStringSubmatch(line); m != nil {
		if level, ok := parseLevel(m[1]); ok {
			return level, line
		}
	}
	return slog.LevelError, line
}

var textLevel = regexp.MustCompile(`^time=\S+ level=(\S+) `)

func parseLevel(v any) (slog.Level, bool) {
	s, ok := v.(string)
	var level slog.Level
	return level, ok && level.UnmarshalText([]byte(s)) == nil
}

// attributesText returns the attributes of a record sorted by name, each after a space.
func attributesText(record map[string]any) string {
	names := make([]string, 0, len(record))
	for name := range record {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		v, ok := record[name].(string)
		if !ok {
			encoded, err := json.Marshal(record[name])
			if err != nil {
				continue // impossible: it was decoded from JSON
			}
			v = string(encoded)
		} else if strings.ContainsAny(v, " \"\n") {
			v = fmt.Sprintf("%q", v)
		}
		fmt.Fprintf(&b, " %s=%s", name, v)
	}
	return b.String()
}
