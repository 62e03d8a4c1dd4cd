package main

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A summary is what is reported.
type summary struct {
	Lines    int64             `json:"lines"`
	Bytes    int64             `json:"bytes"`
	From     time.Time         `json:"from"`
	To       time.Time         `json:"to"`
	Levels   map[level]int     `json:"levels"`
	Services []service         `json:"services"`
	Routes   []routeTimes      `json:"slowest_routes"`
	Clients  []entry[string]   `json:"clients,omitempty"`
	Messages []entry[string]   `json:"messages,omitempty"`
	Statuses map[string]int    `json:"statuses"`
	Timeline []bar             `json:"timeline"`
	Extra    map[string]any    `json:"extra"`
	Failures *float64          `json:"failures,omitempty"`
	labels   map[string]string // not exported
}

type service struct {
	Name     string   `json:"name"`
	Records  int      `json:"records"`
	Failures int      `json:"failures,omitzero"`
	Slowest  duration `json:"slowest"`
}

type routeTimes struct {
	Route  string   `json:"route"`
	Count  int      `json:"count"`
	Mean   duration `json:"mean"`
	Median duration `json:"p50"`
	High   duration `json:"p95"`
	Max    duration `json:"max"`
	Spread float64  `json:"spread"`
}

type bar struct {
	At       time.Time `json:"at"`
	Requests int       `json:"requests"`
	Failures int       `json:"failures"`
}

// A duration is text in JSON.
type duration time.Duration

func (d duration) String() string { return time.Duration(d).Round(10 * time.Microsecond).String() }

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

func (d *duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(s)
	*d = duration(parsed)
	return err
}

// An entry of a ranking.
type entry[K cmp.Ordered] struct {
	Key   K     `json:"key"`
	Count int64 `json:"count"`
}

// ranking is a heap whose first entry is the first to leave.
type ranking[K cmp.Ordered] []entry[K]

func (r ranking[K]) Len() int { return len(r) }
func (r ranking[K]) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(r[i].Count, r[j].Count), cmp.Compare(r[j].Key, r[i].Key)) < 0
}
func (r ranking[K]) Swap(i, j int) { r[i], r[j] = r[j], r[i] }
func (r *ranking[K]) Push(x any)   { *r = append(*r, x.(entry[K])) }
func (r *ranking[K]) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	*r = (*r)[:last]
	return x
}

// top gives the n entries with the highest counts, highest first; among equals the smaller key is first.
func top[K cmp.Ordered](n int, all iter.Seq2[K, int64]) []entry[K] {
	var r ranking[K]
	for k, count := range all {
		heap.Push(&r, entry[K]{k, count})
		if r.Len() > n {
			heap.Pop(&r)
		}
	}
	out := make([]entry[K], r.Len())
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = heap.Pop(&r).(entry[K])
	}
	return out
}

// counts makes the entries of a map ready for a ranking.
func counts[K comparable, N ~int | ~int64, S cmp.Ordered](m map[K]N, key func(K) S) iter.Seq2[S, int64] {
	return func(yield func(S, int64) bool) {
		for k, n := range m {
			if !yield(key(k), int64(n)) {
				return
			}
		}
	}
}

// percentile of sorted durations, by the nearest rank.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func timesOf(key pathKey, times []time.Duration) routeTimes {
	slices.Sort(times)
	var sum, squares float64
	for _, t := range times {
		sum += t.Seconds()
		squares += t.Seconds() * t.Seconds()
	}
	n := float64(len(times))
	mean := sum / n
	return routeTimes{
		Route:  key.method + " " + key.path,
		Count:  len(times),
		Mean:   duration(mean * float64(time.Second)),
		Median: duration(percentile(times, 50)),
		High:   duration(percentile(times, 95)),
		Max:    duration(times[len(times)-1]),
		Spread: math.Round(1e6*math.Sqrt(max(0, squares/n-mean*mean))) / 1e6,
	}
}

func summarise(s *stats, c config) summary {
	out := summary{
		Lines:    s.lines,
		Bytes:    s.bytes,
		From:     s.first,
		To:       s.last,
		Levels:   make(map[level]int),
		Statuses: make(map[string]int),
		Extra:    map[string]any{"window": c.window.String(), "faulty": len(s.faults)},
		labels:   map[string]string{},
	}
	for l, n := range s.levels {
		if n > 0 {
			out.Levels[level(l)] = n
		}
	}
	var records, failures int
	for _, name := range slices.Sorted(maps.Keys(s.services)) {
		from := s.services[name]
		records += from.records
		failures += from.failures
		out.Services = append(out.Services, service{name, from.records, from.failures, duration(from.slowest)})
	}
	if records > 0 {
		share := float64(failures) / float64(records)
		out.Failures = &share
	}
	for key, times := range s.times {
		out.Routes = append(out.Routes, timesOf(key, times))
	}
	slices.SortFunc(out.Routes, func(a, b routeTimes) int {
		return cmp.Or(cmp.Compare(b.High, a.High), strings.Compare(a.Route, b.Route))
	})
	out.Routes = slices.Clip(out.Routes[:min(c.top, len(out.Routes))])
	out.Clients = top(c.top, counts(s.clients, netip.Addr.String))
	out.Messages = top(c.top, counts(s.messages, func(m string) string { return m }))
	for status, n := range s.statuses {
		out.Statuses[fmt.Sprintf("%d %s", status, http.StatusText(status))] = n
	}
	for _, at := range s.windows() {
		w := s.timeline[at]
		out.Timeline = append(out.Timeline, bar{at, w.requests, w.failures})
	}
	return out
}

func writeJSON(out io.Writer, s summary) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(s)
}

// checkRoundTrip makes sure that the summary survives JSON.
func checkRoundTrip(s summary) error {
	var text bytes.Buffer
	if err := writeJSON(&text, s); err != nil {
		return err
	}
	d := json.NewDecoder(&text)
	d.UseNumber()
	d.DisallowUnknownFields()
	var back summary
	if err := d.Decode(&back); err != nil {
		return err
	}
	if !reflect.DeepEqual(back.Levels, s.Levels) || !reflect.DeepEqual(back.Timeline, s.Timeline) {
		return errors.New("the summary changed on its way through JSON")
	}
	number, ok := back.Extra["faulty"].(json.Number)
	if n, err := number.Int64(); !ok || err != nil || n != int64(s.Extra["faulty"].(int)) {
		return fmt.Errorf("the number of faulty lines changed: %v", back.Extra["faulty"])
	}
	return nil
}
