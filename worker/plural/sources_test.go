package plural

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// countedNoun matches a number before a plural noun that the programs count. Units such as bytes are not among them:
// they occur in limits, and in the details of decoders, where 1 does not occur or nobody reads it.
var countedNoun = regexp.MustCompile(`%d (?:[a-z]+ )?(?:attempts|boards|changes|events|faults|files|keys|kills|messages|originals|` +
	`photos|processes|requests|rounds|runs|services|tasks|tokens|uploads|variants|workers)\b`)

// bareCount matches a number whose noun came before, as in "3 photos, %d without originals".
var bareCount = regexp.MustCompile(`%d (with|without|of) `)

// TestSources checks that no program formats a count with a fixed plural, which is wrong for 1.
func TestSources(t *testing.T) {
	files := 0
	for _, folder := range []string{"../../worker", "../../token-lambda", "../../deploy"} {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "node_modules":
				return filepath.SkipDir
			case entry.IsDir(), filepath.Ext(path) != ".go", strings.HasSuffix(path, "_test.go"), strings.Contains(path, "queuetest"):
				return nil
			}
			files++
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					if text, err := strconv.Unquote(l.Value); err == nil && countedNoun.MatchString(bareCount.ReplaceAllString(text, "%d;")) {
						t.Errorf("%s: %q is wrong for 1: use plural.Count", set.Position(l.Pos()), countedNoun.FindString(text))
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Errorf("read %d files: is the repository at ../..?", files)
	}
}
