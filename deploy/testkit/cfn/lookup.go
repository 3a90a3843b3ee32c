package cfn

// Lookup returns the value at a path in a resolved template: keys (string) of mappings and indices (int) of lists. It
// returns nil if there is no such value.
func Lookup(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}
