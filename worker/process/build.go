package process

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
)

// version and revision are set by a build that cannot see the repository, such as that of an image:
// -ldflags "-X darkroom/worker/process.version=1.2.3 -X darkroom/worker/process.revision=COMMIT".
var version, revision string

// Build says what a program was built from.
type Build struct {
	Version   string // "devel" if neither the build nor the go command set one
	Revision  string // commit, or "unknown"
	GoVersion string
}

// ThisBuild returns the build of this program. Version and revision are those that the build set, or else those that
// the go command recorded.
func ThisBuild() Build {
	v, commit := version, revision
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && commit == "" {
				commit = s.Value
			}
		}
	}
	return Build{cmp.Or(v, "devel"), cmp.Or(commit, "unknown"), runtime.Version()}
}

// Version returns the program's name, its version, the commit it was built from, the Go version and the platform,
// separated by spaces: see [ThisBuild].
func Version(program string) string {
	b := ThisBuild()
	return strings.Join([]string{program, b.Version, b.Revision, b.GoVersion, runtime.GOOS + "/" + runtime.GOARCH}, " ")
}
