package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A pathKey is what response times are kept for.
type pathKey struct {
	method, path string
}

// A window is an interval of the time line.
type window struct {
	requests, failures int
}

// stats is what is known of one file, or of several merged.
type stats struct {
	lines    int64
	bytes    int64
	levels   [levels]int
	services map[string]*serviceStats
	times    map[pathKey][]time.Duration
	statuses map[int]int
	clients  map[netip.Addr]int64
	messages map[string]int
	timeline map[time.Time]window
	first    time.Time
	last     time.Time
	faults   []error
}

type serviceStats struct {
	records  int
	failures int
	slowest  time.Duration
}

func newStats() *stats {
	return &stats{
		services: make(map[string]*serviceStats),
		times:    make(map[pathKey][]time.Duration),
		statuses: make(map[int]int),
		clients:  make(map[netip.Addr]int64),
		messages: make(map[string]int),
		timeline: make(map[time.Time]window),
	}
}

func (s *stats) add(r *record, c config) {
	if r.level < c.level {
		return
	}
	s.levels[r.level]++
	if s.first.IsZero() || r.time.Before(s.first) {
		s.first = r.time
	}
	if r.time.After(s.last) {
		s.last = r.time
	}
	service := s.services[r.service]
	if service == nil {
		service = new(serviceStats)
		s.services[r.service] = service
	}
	service.records++
	failed := r.level == levelError || r.fields.status >= 500
	if failed {
		service.failures++
	}
	w := s.timeline[r.time.Truncate(c.window)]
	if failed {
		w.failures++
	}
	if r.isRequest() {
		f := &r.fields
		w.requests++
		service.slowest = max(service.slowest, f.took)
		key := pathKey{f.method, f.path}
		s.times[key] = append(s.times[key], f.took)
		s.statuses[f.status]++
		s.bytes += f.bytes
		if f.client.IsValid() {
			s.clients[f.client] += f.bytes
		}
	} else {
		s.messages[r.fields.message]++
	}
	s.timeline[r.time.Truncate(c.window)] = w
}

// mergeCounts adds the numbers of one map to another.
func mergeCounts[K comparable, N ~int | ~int64](to, from map[K]N) {
	for k, n := range from {
		to[k] += n
	}
}

func (s *stats) merge(o *stats) {
	s.lines += o.lines
	s.bytes += o.bytes
	for l, n := range o.levels {
		s.levels[l] += n
	}
	for name, from := range o.services {
		to, ok := s.services[name]
		if !ok {
			to = new(serviceStats)
			s.services[name] = to
		}
		to.records += from.records
		to.failures += from.failures
		to.slowest = max(to.slowest, from.slowest)
	}
	for key, times := range o.times {
		s.times[key] = append(s.times[key], times...)
	}
	mergeCounts(s.statuses, o.statuses)
	mergeCounts(s.clients, o.clients)
	mergeCounts(s.messages, o.messages)
	for at, w := range o.timeline {
		sum := s.timeline[at]
		sum.requests += w.requests
		sum.failures += w.failures
		s.timeline[at] = sum
	}
	if s.first.IsZero() || !o.first.IsZero() && o.first.Before(s.first) {
		s.first = o.first
	}
	if o.last.After(s.last) {
		s.last = o.last
	}
	s.faults = append(s.faults, o.faults...)
}

// countingReader counts what passes.
type countingReader struct {
	io.Reader
	n int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += int64(n)
	return n, err
}

// read analyses one file. Lines that are no records are noted and skipped; a file that cannot be read is an error.
func read(ctx context.Context, c config, path string) (s *stats, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var in io.Reader = f
	if filepath.Ext(path) == ".gz" {
		unzip, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		defer unzip.Close()
		in = unzip
	}
	counted := &countingReader{Reader: in}
	lines := bufio.NewScanner(counted)
	lines.Buffer(make([]byte, 0, 4096), 1<<16)
	s = newStats()
	for n := 1; lines.Scan(); n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s.lines++
		if len(lines.Bytes()) == 0 {
			continue
		}
		r, err := parse(lines.Bytes(), n)
		if err != nil {
			s.faults = append(s.faults, fmt.Errorf("%s: %w", filepath.Base(path), err))
			continue
		}
		s.add(r, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s after %d bytes: %w", filepath.Base(path), counted.n, err)
	}
	return s, nil
}

// analyse reads all files.
func analyse(ctx context.Context, c config, files []string) (*stats, []error, error) {
	total := newStats()
	var faults []error
	done := newProgress()
	seen := make(chan int64)
	go func() { seen <- done.wait(len(files)) }()
	work := func(ctx context.Context, path string) (*stats, error) {
		s, err := read(ctx, c, path)
		if s != nil {
			done.add(s.lines)
		} else {
			done.add(0)
		}
		return s, err
	}
	for s, err := range each(ctx, c.workers, files, work) {
		switch {
		case ctx.Err() != nil:
			// Nobody waits for the progress any more; let the goroutine that does come to its end.
			for range files {
				done.add(0)
			}
			<-seen
			return nil, nil, fmt.Errorf("%w: %w", ctx.Err(), context.Cause(ctx))
		case err != nil:
			faults = append(faults, err)
		default:
			total.merge(s)
		}
	}
	if n := <-seen; n != total.lines {
		return nil, nil, fmt.Errorf("read %d lines, counted %d", n, total.lines)
	}
	slices.SortStableFunc(total.faults, func(a, b error) int {
		var x, y *syntaxError
		if errors.As(a, &x) && errors.As(b, &y) {
			return x.line - y.line
		}
		return 0
	})
	return total, append(faults, total.faults...), nil
}

// windows in order of time.
func (s *stats) windows() []time.Time {
	return slices.SortedFunc(maps.Keys(s.timeline), time.Time.Compare)
}
