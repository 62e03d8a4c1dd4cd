package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A source writes the log of one service.
type source struct {
	name   string
	file   string
	lines  int
	routes []string
	rand   *rand.Rand
	now    time.Time
}

var messages = []string{
	"cache refreshed",
	"slow disk: %d retries",
	"connection reset by peer",
	"queue has %d entries",
	"configuration reloaded",
}

func (s *source) line() string {
	s.now = s.now.Add(time.Duration(s.rand.IntN(900)) * time.Millisecond)
	at := s.now.Format(time.RFC3339Nano)
	if s.rand.IntN(8) == 0 {
		l := level(s.rand.IntN(int(levels)))
		m := messages[s.rand.IntN(len(messages))]
		if strings.Contains(m, "%d") {
			m = fmt.Sprintf(m, s.rand.IntN(4))
		}
		return fmt.Sprintf("%s %-5s %s | %s", at, strings.ToUpper(l.String()), s.name, m)
	}
	method := "GET"
	if s.rand.IntN(5) == 0 {
		method = []string{"PUT", "POST", "DELETE"}[s.rand.IntN(3)]
	}
	status := 200
	switch n := s.rand.IntN(100); {
	case n < 3:
		status = 500 + s.rand.IntN(4)
	case n < 10:
		status = 404
	case n < 14:
		status = 302
	}
	path := s.routes[s.rand.IntN(len(s.routes))]
	for strings.Contains(path, "#") {
		path = strings.Replace(path, "#", fmt.Sprint(s.rand.IntN(500)), 1)
	}
	took := time.Duration(s.rand.ExpFloat64() * float64(20*time.Millisecond)).Round(time.Microsecond)
	l := levelInfo
	if status >= 500 {
		l = levelError
	}
	line := fmt.Sprintf("%s %-5s %s %s %s %d %v %d", at, strings.ToUpper(l.String()), s.name, method, path, status, took, s.rand.IntN(20000))
	if s.rand.IntN(10) > 0 {
		line += fmt.Sprintf(" client=10.%d.0.%d", s.rand.IntN(3), s.rand.IntN(20))
	}
	return line
}

// damage makes some lines wrong, in ways that happen.
func (s *source) damage(line string) string {
	switch s.rand.IntN(400) {
	case 0:
		return line[:len(line)/2]
	case 1:
		return strings.Replace(line, "2026", "20x6", 1)
	case 2:
		return ""
	case 3:
		return "\tat " + s.name + ".main(main.go:17)"
	}
	return line
}

func (s *source) write(out io.Writer) (err error) {
	w := bufio.NewWriter(out)
	for range s.lines {
		if _, err = fmt.Fprintln(w, s.damage(s.line())); err != nil {
			return err
		}
	}
	return w.Flush()
}

// generate writes logs of several services below a folder; the same for the same seed.
func generate(folder string, seed uint64) error {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	routes := map[string][]string{
		"shop":  {"/", "/cart/#", "/cart/#/items/#?page=#", "/search?q=go"},
		"store": {"/objects/#", "/objects/#/parts/#", "/health"},
		"login": {"/login", "/logout?all=#", "/users/#"},
	}
	var notes strings.Builder
	log := slog.New(slog.NewJSONHandler(&notes, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	var sources []source
	for i, name := range []string{"shop", "store", "login"} {
		for day := range 4 {
			n := uint64(10*i + day)
			sources = append(sources, source{
				name:   name,
				file:   filepath.Join(folder, name, fmt.Sprintf("part-%02d.log", day)),
				lines:  300 + 40*int(n%7),
				routes: routes[name],
				rand:   rand.New(rand.NewPCG(seed, n)),
				now:    start.Add(time.Duration(day) * 150 * time.Second),
			})
			log.Debug("not shown")
			log.Info("log", "service", name, slog.Group("part", "day", day, "lines", sources[len(sources)-1].lines))
		}
	}
	for i := range sources {
		if err := sources[i].save(i%3 == 1); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "notes.txt"), []byte(notes.String()), 0o600); err != nil {
		return err
	}
	// What cannot be read must not stop the rest.
	if err := os.WriteFile(filepath.Join(folder, "broken.gz"), []byte("no gzip, this"), 0o600); err != nil {
		return err
	}
	long := strings.Repeat("x", 1<<17)
	return os.WriteFile(filepath.Join(folder, "toolong.log"), []byte(long), 0o600)
}

func (s *source) save(compressed bool) (err error) {
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return err
	}
	name := s.file
	if compressed {
		name += ".gz"
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if !compressed {
		return s.write(f)
	}
	zip, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	zip.Name = filepath.Base(s.file)
	if err := s.write(zip); err != nil {
		return err
	}
	return zip.Close()
}
