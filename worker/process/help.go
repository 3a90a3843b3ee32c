package process

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Help makes a kong command line tell the default of each flag, beside the environment variable that sets it.
var Help kong.Option = kong.ValueFormatter(func(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if !v.HasDefault || v.Default == "" || strings.Contains(help, "efault") {
		return help
	}
	return fmt.Sprintf("%s Default: %s.", help, v.Default)
})
