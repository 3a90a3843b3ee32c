// Package pages reads the Markdown pages of the repository, so that a test can check their links and their form.
package pages

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Page is one Markdown file.
type Page struct {
	Path     string // relative to the root of the repository, with slashes
	Headings []Heading
	Links    []Link
	Contents []string // the fragments that the table of contents links to, without #
	Long     []Line   // lines of prose wider than [MaxColumns]
}

// contents is the heading that a table of contents may have.
const contents = "contents"

// MaxColumns is the widest line of prose.
const MaxColumns = 100

// Heading is a heading with the fragment that GitHub gives it.
type Heading struct {
	Level    int // 1 to 6
	Fragment string
}

// Link is the target of a link or a picture, as it is written.
type Link struct {
	Line   int
	Target string
}

// Line is a line of a page.
type Line struct {
	Number int
	Text   string
}

var (
	heading    = regexp.MustCompile(`^(#{1,6}) +(.*?) *#*$`)
	codeSpan   = regexp.MustCompile("`[^`]*`")
	inlineLink = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?: +"[^"]*")?\)`)
	definition = regexp.MustCompile(`^ {0,3}\[[^\]]+\]: +<?(\S+?)>?(?: |$)`)
	attribute  = regexp.MustCompile(`\b(?:href|src|srcset)="([^"]+)"`)
	identifier = regexp.MustCompile(`\b(?:id|name)="([^"]+)"`)
	linkText   = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	notInSlug  = regexp.MustCompile(`[^\p{L}\p{N}\p{M}_ -]`)
)

// Parse reads the text of a page. Code, in blocks and in spans, holds no links.
func Parse(path, text string) Page {
	p := Page{Path: path}
	seen := map[string]int{}
	fence, section := "", false
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if fence != "" {
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
			continue
		}
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			fence = trimmed[:3]
			continue
		}
		if m := heading.FindStringSubmatch(line); m != nil {
			fragment := Slug(m[2])
			if n := seen[fragment]; n > 0 {
				p.Headings = append(p.Headings, Heading{len(m[1]), fmt.Sprintf("%s-%d", fragment, n)})
			} else {
				p.Headings = append(p.Headings, Heading{len(m[1]), fragment})
			}
			seen[fragment]++
			section = section || len(m[1]) > 1 && fragment != contents
		}
		plain := codeSpan.ReplaceAllString(line, "")
		for _, id := range identifier.FindAllStringSubmatch(plain, -1) {
			p.Headings = append(p.Headings, Heading{0, id[1]})
		}
		for _, pattern := range []*regexp.Regexp{inlineLink, definition, attribute} {
			for _, m := range pattern.FindAllStringSubmatch(plain, -1) {
				p.Links = append(p.Links, Link{i + 1, m[1]})
				fragment, within := strings.CutPrefix(m[1], "#")
				if within && !section && strings.HasPrefix(trimmed, "- ") {
					p.Contents = append(p.Contents, fragment)
				}
			}
		}
		if tooLong(line) {
			p.Long = append(p.Long, Line{i + 1, line})
		}
	}
	return p
}

// tooLong reports whether a line of prose is too long and could be broken. Table rows and single words cannot be
// broken.
func tooLong(line string) bool {
	if strings.HasPrefix(strings.TrimSpace(line), "|") || len([]rune(line)) <= MaxColumns {
		return false
	}
	indent := len(line) - len(strings.TrimLeft(line, " -*>#"))
	return strings.Contains(line[indent:], " ")
}

// Slug returns the fragment that GitHub gives a heading.
func Slug(text string) string {
	text = linkText.ReplaceAllString(text, "$1")
	text = notInSlug.ReplaceAllString(strings.ToLower(text), "")
	return strings.ReplaceAll(strings.TrimSpace(text), " ", "-")
}

// HasFragment reports whether a link can lead to this fragment of the page.
func (p Page) HasFragment(fragment string) bool {
	return slices.ContainsFunc(p.Headings, func(h Heading) bool { return h.Fragment == fragment })
}

// Missing returns the sections of the page that its table of contents leaves out.
func (p Page) Missing() (sections []string) {
	listed := map[string]bool{}
	for _, f := range p.Contents {
		listed[f] = true
	}
	for _, h := range p.Headings {
		if h.Level == 2 && h.Fragment != contents && !listed[h.Fragment] {
			sections = append(sections, h.Fragment)
		}
	}
	return sections
}

// Read returns every page below root, also those in hidden folders. It skips .git and node_modules.
func Read(root string) (map[string]Page, error) {
	all := map[string]Page{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == ".git" || name == "node_modules") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		relative = filepath.ToSlash(relative)
		all[relative] = Parse(relative, string(text))
		return err
	})
	return all, err
}

// Broken returns what is wrong with the links within the repository, one line each, such as
// "README.md:12: deploy/aws/README.md has no heading #costs".
func Broken(root string, all map[string]Page) (faults []string) {
	for _, path := range slices.Sorted(maps.Keys(all)) {
		p := all[path]
		for _, l := range p.Links {
			if strings.Contains(l.Target, "://") || strings.HasPrefix(l.Target, "mailto:") {
				continue
			}
			if fault := broken(root, all, p, l.Target); fault != "" {
				faults = append(faults, fmt.Sprintf("%s:%d: %s", p.Path, l.Line, fault))
			}
		}
	}
	return faults
}

func broken(root string, all map[string]Page, p Page, link string) string {
	target, fragment, _ := strings.Cut(link, "#")
	path := p.Path
	if target != "" {
		path = filepath.ToSlash(filepath.Join(filepath.Dir(p.Path), target))
		if _, err := os.Stat(filepath.Join(root, path)); err != nil || path == ".." || strings.HasPrefix(path, "../") {
			return fmt.Sprintf("%s is not in the repository", target)
		}
	}
	if fragment == "" {
		return ""
	}
	to, ok := all[path]
	if !ok {
		to, ok = all[strings.TrimPrefix(path+"/README.md", "./")] // a folder shows its page
	}
	if ok && !to.HasFragment(fragment) {
		return fmt.Sprintf("%s has no heading #%s", to.Path, fragment)
	}
	return ""
}
