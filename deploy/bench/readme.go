package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// sourceFolder is the folder of the page and its figures, relative to the root of the source.
const sourceFolder = "deploy/bench"

const (
	pageName    = "README.md"
	resultsName = "results.json" // the report that the page shows
	pageStart   = "<!-- results: -->\n"
	pageEnd     = "<!-- end of results -->\n"
)

// readResults reads the report that the page in dir shows.
func readResults(dir string) (r report, err error) {
	b, err := os.ReadFile(filepath.Join(dir, resultsName))
	if err != nil {
		return report{}, fmt.Errorf("%w: run --readme in the root of the source", err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return report{}, fmt.Errorf("%s: %w", resultsName, err)
	}
	return r, nil
}

// writeReadme writes the report into dir, and its means into the page there.
func (r report) writeReadme(dir string) error {
	path := filepath.Join(dir, pageName)
	page, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: run --readme in the root of the source", err)
	}
	if page, err = replaceResults(page, r.markdown()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var results bytes.Buffer
	e := json.NewEncoder(&results)
	e.SetIndent("", "\t")
	if err := e.Encode(r); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, resultsName), results.Bytes(), 0o644), os.WriteFile(path, page, 0o644))
}

// checkConditions returns an error if a newer report is of other programs, another system or other settings.
func (r report) checkConditions(newer report) error {
	conditions := func(r report) report { r.Photos, r.Means, r.Bills = nil, nil, nil; return r }
	if old, now := conditions(r), conditions(newer); !reflect.DeepEqual(old, now) {
		return fmt.Errorf("%s has %+v, and this run %+v: measure all formats", resultsName, old, now)
	}
	return nil
}

// replaceRows returns the report with the rows of a newer one in place of its own. Both must have the same conditions
// and photos.
func (r report) replaceRows(newer report) (report, error) {
	if err := r.checkConditions(newer); err != nil {
		return report{}, err
	}
	replace := func(rows, with []row) ([]row, error) {
		rows = slices.Clone(rows)
		for _, w := range with {
			i := slices.IndexFunc(rows, func(old row) bool {
				return old.Name == w.Name && old.Kind == w.Kind && old.Format == w.Format
			})
			if i < 0 {
				return nil, fmt.Errorf("%s has no %s to %s: %s: measure all formats", resultsName, w.Kind, w.Format, w.Name)
			}
			rows[i] = w
		}
		return rows, nil
	}
	var photosErr, meansErr error
	r.Photos, photosErr = replace(r.Photos, newer.Photos)
	r.Means, meansErr = replace(r.Means, newer.Means)
	r.Bills = bills(r.Photos)
	return r, errors.Join(photosErr, meansErr)
}

// replaceResults replaces the text between the marks of a page.
func replaceResults(page []byte, text string) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(pageStart))
	_, after, ended := bytes.Cut(rest, []byte(pageEnd))
	if !ok || !ended {
		return nil, errors.New("the page has no marks for the results")
	}
	return []byte(string(before) + pageStart + text + pageEnd + string(after)), nil
}

// markdown returns the means and the bills as they are on the page.
func (r report) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "Rounds: %d. Photos per measurement: %d.\n", r.Rounds, r.Repeat)
	for _, line := range r.programs() {
		fmt.Fprintf(&out, "\n- %s", line)
	}
	fmt.Fprintln(&out)
	for _, p := range r.Means {
		fmt.Fprintf(&out, "\n%s, %s, to %s:\n\n%s", p.Kind, p.Name, p.Format, r.sides(p).Markdown())
	}
	for _, isHEIC := range []bool{false, true} {
		t := r.billTable(isHEIC)
		if len(t) == 1 {
			continue
		}
		fmt.Fprintln(&out)
		for i, line := range r.assumptions(isHEIC) {
			if i > 0 {
				line = "- " + line
			} else {
				line += "\n"
			}
			fmt.Fprintln(&out, line)
		}
		fmt.Fprintf(&out, "\n%s", t.Markdown())
	}
	return out.String()
}
