#!/usr/bin/env python3
"""What a build or a test costs after an edit, beside official Go: wall and processor time, in turns.

    edits.py --gort PATH [--go PATH] [--rounds N] [--filter TEXT]

Cases: hello with fmt and with net/http, main changed and nothing changed; a module of 100 packages (made here, seeded), of which a line
of main, of a package that one other imports, and of one that all import is changed; the test of a package of ten
lines, first after an edit and unchanged. An edit changes a string, a number and the count of calls. Both have a cache of
their own that knows the library. Each figure is the least of the rounds; the ratio is gort's over Go's.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HELLO = 'package main\n\nimport "fmt"\n\nfunc main() {{\n\tfmt.Println("hello {0}", {0})\n}}\n'
SERVER = '''package main

import (
	"fmt"
	"net/http"
)

func main() {{
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {{ fmt.Fprintln(w, "hello {0}", {0}, r.URL) }})
	fmt.Println(http.ListenAndServe("localhost:0", nil))
}}
'''
PACKAGE = '''package {name}

import (
	"fmt"
	"sort"
	"strings"
{imports})

type Item struct {{
	Name string
	Size int
	Tags []string
}}

func (i Item) String() string {{ return fmt.Sprintf("%s(%d)", i.Name, i.Size) }}

type Store struct {{
	items map[string]Item
	order []string
}}

func New() *Store {{ return &Store{{items: map[string]Item{{}}}} }}

func (s *Store) Add(name string, size int, tags ...string) error {{
	if _, ok := s.items[name]; ok {{
		return fmt.Errorf("{name}: %s is there already", name)
	}}
	s.items[name] = Item{{name, size + {n}, tags}}
	s.order = append(s.order, name)
	return nil
}}

func (s *Store) Sorted() []Item {{
	var out []Item
	for _, n := range s.order {{
		out = append(out, s.items[n])
	}}
	sort.Slice(out, func(i, j int) bool {{ return out[i].Size < out[j].Size || out[i].Name < out[j].Name }})
	return out
}}

func Run(depth int) string {{
	s := New()
	for i := range {m} {{
		if err := s.Add(strings.Repeat("x", i%7+1)+fmt.Sprint(i), i*{n}, "{name}"); err != nil {{
			return err.Error()
		}}
	}}
	var b strings.Builder
	for _, item := range s.Sorted() {{
		b.WriteString(item.String())
	}}
	if depth > 0 {{
{calls}	}}
	return fmt.Sprintf("%x", b.Len())
}}
'''


class Module:
    """A folder with files; `edit` changes one of them anew each time."""

    def __init__(self, top, files, edited, text, args):
        self.dir, self.edited, self.text_of, self.args = top, edited, text, args
        self.count = 0
        for name, text in files.items():
            file = top / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.edit()

    def edit(self):
        self.count += 1
        (self.dir / self.edited).write_text(self.text_of(self.count))


def hello(top, text):
    return Module(top, {"go.mod": "module m\n\ngo 1.27\n"}, "main.go", text.format, ["build", "-o", "{out}", "."])


def project(top, edited):
    rng = random.Random(27)
    files = {"go.mod": "module m\n\ngo 1.27\n"}
    texts = {}
    for i in range(100):
        deps = sorted({0, *rng.sample(range(i), min(i, 3))} if i else set())
        if i == 99:
            deps = list(range(99))
        fields = dict(name=f"p{i}", imports="".join(f'\t"m/p{d}"\n' for d in deps), m=20 + i % 5,
                      calls="".join(f"\t\tb.WriteString(p{d}.Run(depth - 1))\n" for d in deps))
        texts[f"p{i}/p.go"] = lambda n, fields=fields: PACKAGE.format(n=n, **fields)
    texts["main.go"] = lambda n: 'package main\n\nimport (\n\t"fmt"\n\t"m/p99"\n)\n\nfunc main() {\n\tfmt.Println(p99.Run(2), "run %d", %d)\n}\n' % (n, n)
    for name, text in texts.items():
        files[name] = text(0)
    return Module(top, files, edited, texts[edited], ["build", "-o", "{out}", "."])


def tests(top):
    code = "package m\n\nfunc Add(a, b int) int { return a + b }\n"
    text = 'package m\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {{\n\tif got := Add({0}, 1); got != {0}+1 {{\n\t\tt.Errorf("got %d, {0}", got)\n\t}}\n}}\n'
    return Module(top, {"go.mod": "module m\n\ngo 1.27\n", "m.go": code}, "m_test.go", text.format, ["test", "."])


CASES = {
    "fmt: main changed": (lambda top: hello(top, HELLO), True),
    "fmt: nothing changed": (lambda top: hello(top, HELLO), False),
    "net/http: main changed": (lambda top: hello(top, SERVER), True),
    "100 packages: main changed": (lambda top: project(top, "main.go"), True),
    "100 packages: the last changed": (lambda top: project(top, "p98/p.go"), True),
    "100 packages: the first changed": (lambda top: project(top, "p0/p.go"), True),
    "test: changed": (tests, True),
    "test: nothing changed": (tests, False),
}


def timed(tool, module, env, out):
    args = [a.format(out=out) for a in module.args]
    start = time.monotonic()
    process = subprocess.Popen([tool, *args], cwd=module.dir, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{tool} {' '.join(args)} in {module.dir} ended with status {status}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gort", required=True)
    parser.add_argument("--go")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--filter", default="")
    args = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    import goroot
    place = Path(goroot.find())
    tools = {"go": str(args.go or place / "bin/go"), "gort": str(Path(args.gort).resolve())}
    print(f"{'':32}{'go wall':>10}{'gort':>8}{'ratio':>7}{'go cpu':>10}{'gort':>8}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as scratch:
        env = {k: v for k, v in os.environ.items() if not k.startswith("GO")}
        env.update(GOROOT=str(place), GOCACHE=f"{scratch}/go", GORT_CACHE=f"{scratch}/gort", GOTOOLCHAIN="local", GOPROXY="off")
        for name, (make, edited) in CASES.items():
            if args.filter not in name:
                continue
            module = make(Path(scratch) / name.replace(" ", "_").replace("/", "_").replace(":", ""))
            out = f"{scratch}/out"
            samples = {tool: [] for tool in tools}
            for tool, path in tools.items():
                timed(path, module, env, f"{out}-{tool}")
            # What has just been written is not trusted yet.
            time.sleep(0 if edited else 2.5)
            for _ in range(args.rounds + 1):
                if edited:
                    module.edit()
                for tool, path in tools.items():
                    samples[tool].append(timed(path, module, env, f"{out}-{tool}"))
            best = {t: [min(column) for column in zip(*s[1:])] for t, s in samples.items()}
            line = f"{name:32}"
            for n in range(2):
                go, gort = best["go"][n], best["gort"][n]
                line += f"{go * 1000:8.0f} ms{gort * 1000:7.0f}{gort / go:8.2f}"
            print(line, flush=True)


main()
