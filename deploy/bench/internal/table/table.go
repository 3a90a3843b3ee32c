// Package table prints cells in columns.
package table

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table is a list of lines of cells.
type Table [][]string

// Write writes the lines, with at least three spaces between two columns.
func (t Table) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, line := range t {
		fmt.Fprintln(tw, strings.Join(line, "\t"))
	}
	return tw.Flush()
}

// Markdown returns the table in Markdown, with the first line as its head.
func (t Table) Markdown() string {
	var out strings.Builder
	for i, line := range t {
		fmt.Fprintf(&out, "| %s |\n", strings.ToLower(strings.Join(line, " | ")))
		if i == 0 {
			fmt.Fprintf(&out, "|%s\n", strings.Repeat("---|", len(line)))
		}
	}
	return out.String()
}
