// Command typecheck checks all packages and everything that they import for one platform, such as darwin/arm64. It
// reads sources and makes no machine code, so it finds what a build would not compile in about a tenth of the time.
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	system, arch, ok := strings.Cut(strings.Join(os.Args[1:], " "), "/")
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: typecheck GOOS/GOARCH")
		os.Exit(2)
	}
	all, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax,
		Env:  append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch),
	}, "./...")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if len(all) == 0 || packages.PrintErrors(all) > 0 {
		os.Exit(1)
	}
}
