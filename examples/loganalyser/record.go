package main

import (
	"bytes"
	"encoding"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A level says how grave a record is.
type level int

const (
	levelDebug level = iota
	levelInfo
	levelWarn
	levelError
	levels
)

var levelNames = [levels]string{"debug", "info", "warn", "error"}

func (l level) String() string {
	if l < 0 || l >= levels {
		return "level(" + strconv.Itoa(int(l)) + ")"
	}
	return levelNames[l]
}

func parseLevel(s string) (level, error) {
	for l, name := range levelNames {
		if strings.EqualFold(s, name) {
			return level(l), nil
		}
	}
	return 0, fmt.Errorf("no level %q", s)
}

// MarshalText makes levels words in JSON, also as keys.
func (l level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText is the inverse.
func (l *level) UnmarshalText(b []byte) (err error) {
	*l, err = parseLevel(string(b))
	return err
}

var (
	_ encoding.TextMarshaler   = level(0)
	_ encoding.TextUnmarshaler = (*level)(nil)
)

// A record is a line of a log.
type record struct {
	time    time.Time
	level   level
	service string
	fields  fields
}

// fields of a request record; other records have only a message.
type fields struct {
	client  netip.Addr
	method  string
	path    string
	status  int
	took    time.Duration
	bytes   int64
	message string
}

func (r *record) isRequest() bool { return r.fields.method != "" }

// A syntaxError is a line that is not a record.
type syntaxError struct {
	line int
	text string
	err  error
}

func (e *syntaxError) Error() string {
	text := e.text
	if len(text) > 24 {
		text = text[:24] + "…"
	}
	if e.err != nil {
		return fmt.Sprintf("line %d: %q: %v", e.line, text, e.err)
	}
	return fmt.Sprintf("line %d: %q", e.line, text)
}

func (e *syntaxError) Unwrap() error { return e.err }

// Lines look like
//
//	2026-01-01T12:00:00.250Z INFO  shop  GET /cart/17?page=2 200 1.25ms 512 client=10.0.0.7
//	2026-01-01T12:00:01Z     WARN  store | slow disk: 3 retries
var (
	head    = regexp.MustCompile(`^(\S+)\s+(DEBUG|INFO|WARN|ERROR)\s+([a-z][a-z0-9-]*)\s+(.*)$`)
	request = regexp.MustCompile(`^(?P<method>GET|PUT|POST|DELETE) (?P<path>/\S*) (?P<status>\d{3}) (?P<took>\S+) (?P<bytes>\d+)(?: client=(?P<client>\S+))?$`)
	number  = regexp.MustCompile(`/[0-9]+(/|$)`)
)

// parse reads a line.
func parse(line []byte, n int) (*record, error) {
	fail := func(err error) (*record, error) {
		return nil, &syntaxError{line: n, text: string(line), err: err}
	}
	m := head.FindSubmatch(bytes.TrimRight(line, "\r\n \t"))
	if m == nil {
		return fail(nil)
	}
	when, err := time.Parse(time.RFC3339Nano, string(m[1]))
	if err != nil {
		return fail(err)
	}
	l, err := parseLevel(string(m[2]))
	if err != nil {
		return fail(err)
	}
	r := &record{time: when.UTC(), level: l, service: string(m[3])}
	if message, ok := bytes.CutPrefix(m[4], []byte("| ")); ok {
		r.fields.message = string(message)
		return r, nil
	}
	q := request.FindSubmatch(m[4])
	if q == nil {
		return fail(nil)
	}
	part := func(name string) string { return string(q[request.SubexpIndex(name)]) }
	f := &r.fields
	f.method = part("method")
	f.path = route(part("path"))
	if f.status, err = strconv.Atoi(part("status")); err != nil || f.status < 100 {
		return fail(err)
	}
	if f.took, err = time.ParseDuration(part("took")); err != nil {
		return fail(err)
	}
	if f.bytes, err = strconv.ParseInt(part("bytes"), 10, 64); err != nil {
		return fail(err)
	}
	if client := part("client"); client != "" {
		if f.client, err = netip.ParseAddr(client); err != nil {
			return fail(err)
		}
	}
	return r, nil
}

// route is a path without its query and with numbers replaced, so that requests for different things of a kind
// count together.
func route(path string) string {
	path, _, _ = strings.Cut(path, "?")
	for number.MatchString(path) {
		path = number.ReplaceAllString(path, "/:id$1")
	}
	return path
}
