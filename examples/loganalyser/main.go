// Command loganalyser reads the log files of a web service, many at a time, and reports what happened.
//
//	loganalyser [-workers n] [-top n] [-json] [folder]
//
// Without a folder it writes logs of its own, always the same, into a temporary one and analyses those, so that
// its output can be compared from run to run and from toolchain to toolchain.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// config is what the command line asks for.
type config struct {
	workers int
	top     int
	json    bool
	level   level
	window  time.Duration
	folder  string
}

// errUsage is returned if the command line is wrong; what is wrong has been printed.
var errUsage = errors.New("usage")

func parseFlags(args []string, output io.Writer) (config, error) {
	c := config{level: levelDebug}
	flags := flag.NewFlagSet("loganalyser", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.IntVar(&c.workers, "workers", 4, "files to read at a time")
	flags.IntVar(&c.top, "top", 5, "entries of each ranking")
	flags.BoolVar(&c.json, "json", false, "print the summary as JSON only")
	flags.DurationVar(&c.window, "window", time.Minute, "length of the intervals of the time line")
	flags.Func("level", "least `level` to count (default debug)", func(s string) error {
		l, err := parseLevel(s)
		c.level = l
		return err
	})
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return c, err
		}
		return c, errors.Join(errUsage, err)
	}
	switch flags.NArg() {
	case 0:
	case 1:
		c.folder = flags.Arg(0)
	default:
		return c, fmt.Errorf("%w: one folder at most, not %q", errUsage, flags.Args())
	}
	if c.workers < 1 {
		return c, fmt.Errorf("%w: %d workers", errUsage, c.workers)
	}
	return c, nil
}

func run(ctx context.Context, c config, out io.Writer) error {
	if c.folder == "" {
		folder, err := os.MkdirTemp("", "loganalyser")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		if err := generate(folder, 20260101); err != nil {
			return fmt.Errorf("generating logs: %w", err)
		}
		c.folder = folder
	}
	files, err := find(c.folder)
	if err != nil {
		return err
	}
	started := time.Now()
	total, faults, err := analyse(ctx, c, files)
	if err != nil {
		return err
	}
	if time.Since(started) > time.Hour {
		return errors.New("that took too long")
	}
	s := summarise(total, c)
	if c.json {
		return writeJSON(out, s)
	}
	if err := writeReport(out, s); err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(out, "skipped:", f)
	}
	return checkRoundTrip(s)
}

// find lists the log files below a folder, in order.
func find(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type().IsRegular() && (filepath.Ext(path) == ".log" || filepath.Ext(path) == ".gz") {
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no log files", folder)
	}
	return files, err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c, err := parseFlags(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(ctx, c, os.Stdout)
	}
	// Wrong command lines, and a run that is cancelled before it begins, are part of the show.
	if c.folder == "" && !c.json {
		demonstrate(c)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "loganalyser:", err)
		os.Exit(1)
	}
}

func demonstrate(c config) {
	for _, args := range [][]string{
		{"-workers", "0"},
		{"-level", "loud"},
		{"a", "b"},
		{"-top", "3", "-window", "90s", "/nowhere"},
	} {
		parsed, err := parseFlags(args, io.Discard)
		if err == nil {
			err = run(context.Background(), parsed, io.Discard)
		}
		fmt.Printf("%q: usage %t, missing %t: %v\n", args, errors.Is(err, errUsage), errors.Is(err, os.ErrNotExist), err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("called off"))
	err := run(ctx, c, io.Discard)
	fmt.Println(err, errors.Is(err, context.Canceled))
}
