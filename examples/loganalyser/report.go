package main

import (
	"embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"text/template"
	"time"
)

//go:embed templates/*.tmpl
var templates embed.FS

// graph draws a bar of n out of most, in width columns.
func graph(n, most, width int) string {
	if most == 0 {
		return ""
	}
	eighths := n * width * 8 / most
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s
}

// bytesize in the units people read.
func bytesize(n int64) string {
	const units = "kMGT"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/1000, 0
	for f >= 1000 && i < len(units)-1 {
		f /= 1000
		i++
	}
	return fmt.Sprintf("%.1f %cB", f, units[i])
}

var functions = template.FuncMap{
	"clock":    func(t time.Time) string { return t.Format(time.TimeOnly) },
	"day":      func(t time.Time) string { return t.Format("Monday, 2 January 2006") },
	"bytesize": bytesize,
	"graph":    graph,
	"percent":  func(f *float64) string { return fmt.Sprintf("%.2f%%", 100**f) },
	"busiest": func(bars []bar) int {
		most := 0
		for _, b := range bars {
			most = max(most, b.Requests)
		}
		return most
	},
	"pad":  func(n int, s string) string { return fmt.Sprintf("%-*s", n, s) },
	"keys": func(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) },
}

func writeReport(out io.Writer, s summary) error {
	t, err := template.New("report").Funcs(functions).ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	if err := t.ExecuteTemplate(w, "report.tmpl", s); err != nil {
		return err
	}
	return w.Flush()
}
