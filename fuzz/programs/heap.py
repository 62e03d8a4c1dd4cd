#!/usr/bin/env python3
"""Programs that live by the collector: graphs of objects of random types that are cut, grown again, handed to other
goroutines, and checked.

    heap.py --gort PATH [--go PATH] [--seed N] [--programs N] [--every N]

What an object holds follows from a number, so that each check finds out whether anything in its graph has been freed
too soon. The types differ in where their pointers are: in fields, arrays, slices, maps, interfaces, channels, closures,
in the middle of other objects, in objects of all size classes. Under gort a cycle begins at every N-th allocation
(`--every`), what is freed is overwritten, a second tracer looks whether marking has missed something, and GOMAXPROCS is 1, 2
or 4. Official Go runs the same program. The exit code is 1 if outputs differ.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz import Tool

PRELUDE = r'''package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"
)

func mix(x uint64) uint64 {
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

type tally struct{ n int }

func must(ok bool, what string) {
	if !ok {
		panic("changed: " + what)
	}
}

var sink atomic.Pointer[[]*byte]

func garbage(n int) {
	for i := range n {
		s := make([]*byte, i*3%200)
		for k := range s {
			s[k] = new(byte)
			if k > 3 {
				break
			}
		}
		sink.Store(&s)
	}
}

var pool = sync.Pool{New: func() any { return new([40]any) }}

func pooled(seed uint64) {
	a := pool.Get().(*[40]any)
	for i := range a {
		a[i] = seed + uint64(i)
	}
	garbage(2)
	for i := range a {
		must(a[i] == seed+uint64(i), "pool")
		a[i] = nil
	}
	pool.Put(a)
}

'''


class Writer:
    """One program of `types` struct types."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.types = self.r.randint(3, 6)
        self.fields = [self.choose(i) for i in range(self.types)]

    def choose(self, i):
        """Fields of type number i: (kind, other type, size)."""
        kinds = ["ptr", "ptr", "slice", "values", "array", "string", "bytes", "map", "strmap", "any", "anyvalue", "func", "chan", "inner",
                 "nested", "pad", "iface", "method"]
        out = []
        for _ in range(self.r.randint(2, 6)):
            kind = self.r.choice(kinds)
            size = self.r.choice([1, 2, 3, 7, 30, 65, 130] if kind == "array" else [1, 2, 3, 5])
            if kind == "pad":
                size = self.r.choice([1, 2, 5, 20, 60, 70, 200, 1000, 5000])
            out.append((kind, self.r.randrange(self.types), size))
        return out

    def declare(self, i):
        names = {
            "ptr": "*T{j}", "slice": "[]*T{j}", "values": "[]T{j}", "array": "[{n}]*T{j}", "string": "string", "bytes": "[]byte",
            "map": "map[int]*T{j}", "strmap": "map[string]*T{j}", "any": "any", "anyvalue": "any", "func": "func() *T{j}", "chan": "chan *T{j}", "inner": "*uint64",
            "nested": "struct {{ x uint64; p *T{j}; y [2]uint32 }}", "pad": "[{n}]uint64", "iface": "I", "method": "func() uint64",
        }
        lines = [f"\tf{k} {names[kind].format(j=j, n=n)}" for k, (kind, j, n) in enumerate(self.fields[i])]
        self.r.shuffle(lines)
        at = self.r.randint(0, len(lines))
        lines.insert(at, "\tid uint64")
        body = "\n".join(lines)
        return f"type T{i} struct {{\n{body}\n}}\n\nfunc (o *T{i}) key() uint64 {{ return o.id }}\n"

    def make(self, i):
        lines = [f"func mk{i}(seed uint64, depth int) *T{i} {{", f"\to := &T{i}{{id: mix(seed)}}"]
        deep = []
        for k, (kind, j, n) in enumerate(self.fields[i]):
            child = f"mk{j}(mix(seed+{k + 1}), depth-1)"
            each = f"mk{j}(mix(seed+{k + 1}+uint64(i)*77), depth-1)"
            f = f"o.f{k}"
            if kind == "ptr":
                deep.append(f"{f} = {child}")
            elif kind == "slice":
                deep.append(f"for i := range {n} {{ {f} = append({f}, {each}) }}")
            elif kind == "values":
                deep.append(f"for i := range {n} {{ {f} = append({f}, *{each}) }}")
            elif kind == "array":
                deep.append(f"for i := range min({n}, 2) {{ {f}[{n}-1-i] = {each} }}")
            elif kind == "string":
                lines.append(f"\t{f} = fmt.Sprint(seed, \"{'x' * n}\")")
            elif kind == "bytes":
                lines.append(f"\t{f} = make([]byte, 1+seed%{n * 300})\n\t{f}[len({f})-1] = byte(seed)")
            elif kind == "map":
                deep.append(f"{f} = map[int]*T{j}{{}}\n\t\tfor i := range {n} {{ {f}[i] = {each} }}")
            elif kind == "strmap":
                deep.append(f"{f} = map[string]*T{j}{{}}\n\t\tfor i := range {n} {{ {f}[fmt.Sprint(seed, i)] = {each} }}")
            elif kind == "any":
                deep.append(f"{f} = {child}")
            elif kind == "anyvalue":
                deep.append(f"{f} = *{child}")
            elif kind == "func":
                deep.append(f"c{k} := {child}\n\t\t{f} = func() *T{j} {{ return c{k} }}")
            elif kind == "chan":
                deep.append(f"{f} = make(chan *T{j}, {n})\n\t\t{f} <- {child}")
            elif kind == "inner":
                deep.append(f"{f} = &{child}.id")
            elif kind == "nested":
                deep.append(f"{f}.p = {child}\n\t\t{f}.x = seed")
            elif kind == "pad":
                lines.append(f"\t{f}[{n}-1] = seed")
            elif kind == "iface":
                deep.append(f"{f} = {child}")
            elif kind == "method":
                deep.append(f"{f} = {child}.key")
        lines.append("\tif depth > 0 {")
        lines += [f"\t\t{d}" for d in deep]
        lines.append("\t}")
        lines.append("\treturn o\n}\n")
        return "\n".join(lines)

    def check(self, i):
        lines = [f"func ck{i}(o *T{i}, seed uint64, depth int, t *tally) {{", "\tt.n++",
                 f"\tmust(o.id == mix(seed), \"T{i}\")"]
        deep = []
        for k, (kind, j, n) in enumerate(self.fields[i]):
            f = f"o.f{k}"
            sub = f"mix(seed+{k + 1}), depth-1, t"
            each = f"mix(seed+{k + 1}+uint64(i)*77), depth-1, t"
            if kind == "ptr":
                deep.append(f"if {f} != nil {{ ck{j}({f}, {sub}) }}")
            elif kind == "slice":
                deep.append(f"for i, c := range {f} {{ ck{j}(c, {each}) }}")
            elif kind == "values":
                deep.append(f"for i := range {f} {{ ck{j}(&{f}[i], {each}) }}")
            elif kind == "array":
                deep.append(f"for i := range min({n}, 2) {{ ck{j}({f}[{n}-1-i], {each}) }}")
            elif kind == "string":
                lines.append(f"\tmust({f} == fmt.Sprint(seed, \"{'x' * n}\"), \"string\")")
            elif kind == "bytes":
                lines.append(f"\tmust({f}[len({f})-1] == byte(seed), \"bytes\")")
            elif kind == "map":
                deep.append(f"for i := range {n} {{ ck{j}({f}[i], {each}) }}")
            elif kind == "strmap":
                deep.append(f"for i := range {n} {{ ck{j}({f}[fmt.Sprint(seed, i)], {each}) }}")
            elif kind == "any":
                deep.append(f"ck{j}({f}.(*T{j}), {sub})")
            elif kind == "anyvalue":
                deep.append(f"v{k} := {f}.(T{j})\n\t\tck{j}(&v{k}, {sub})")
            elif kind == "func":
                deep.append(f"ck{j}({f}(), {sub})")
            elif kind == "chan":
                deep.append(f"c{k} := <-{f}\n\t\tck{j}(c{k}, {sub})\n\t\t{f} <- c{k}")
            elif kind == "inner":
                deep.append(f"must(*{f} == mix(mix(seed+{k + 1})), \"inner\")\n"
                            f"\t\tck{j}((*T{j})(unsafe.Add(unsafe.Pointer({f}), -int(unsafe.Offsetof(T{j}{{}}.id)))), {sub})")
            elif kind == "nested":
                deep.append(f"ck{j}({f}.p, {sub})\n\t\tmust({f}.x == seed, \"nested\")")
            elif kind == "pad":
                lines.append(f"\tmust({f}[{n}-1] == seed, \"pad\")")
            elif kind == "iface":
                deep.append(f"ck{j}({f}.(*T{j}), {sub})")
            elif kind == "method":
                deep.append(f"must({f}() == mix(mix(seed+{k + 1})), \"method value\")")
        lines.append("\tif depth > 0 {")
        lines += [f"\t\t{d}" for d in deep]
        lines.append("\t}\n}\n")
        return "\n".join(lines)

    def worker(self, w):
        """A goroutine with two roots, which it cuts and passes on."""
        i = self.r.randrange(self.types)
        depth = self.r.randint(1, 3)
        lines = [f"func w{w}(in, out chan *T{i}, t *tally) {{",
                 f"\tseed := uint64({self.r.randrange(1 << 30)})",
                 f"\troot := mk{i}(seed, {depth})",
                 f"\tkept := mk{i}(seed+1, {depth})",
                 "\tvar early atomic.Bool", f"\truntime.SetFinalizer(kept, func(*T{i}) {{ early.Store(true) }})",
                 "\tweakly := weak.Make(root)",
                 f"\tfor round := range {self.r.randint(6, 16)} {{", "\t\t_, _ = round, weakly"]
        for _ in range(self.r.randint(3, 7)):
            lines.append("\t\t" + self.r.choice([
                f"garbage({self.r.randint(1, 60)})",
                f"ck{i}(root, seed, {depth}, t)",
                f"ck{i}(kept, seed+1, {depth}, t)",
                f"root = mk{i}(seed, {depth})\n\t\tweakly = weak.Make(root)",
                "must(weakly.Value() == root, \"weak\")",
                "pooled(seed)",
                "out <- root\n\t\troot = <-in",
                f"func() {{ defer func(o *T{i}) {{ ck{i}(o, seed, {depth}, t) }}(root); garbage(5) }}()",
                f"done := make(chan bool)\n\t\tgo func() {{ garbage(3); ck{i}(root, seed, {depth}, t); done <- true }}()\n\t\t<-done",
                "if round%5 == 0 { runtime.GC() }",
                f"kept.id, root = mix(seed+1), mk{i}(seed, {depth})\n\t\tweakly = weak.Make(root)",
            ]))
            if "done :=" in lines[-1]:
                lines[-1] = lines[-1].replace("done", f"done{len(lines)}")
            if "<-in" in lines[-1]:
                lines.append("\t\tweakly = weak.Make(root)")
        lines += ["\t}", f"\tck{i}(kept, seed+1, {depth}, t)", f"\tck{i}(root, seed, {depth}, t)", "\tmust(!early.Load(), \"finalized\")",
                  "\truntime.KeepAlive(kept)", "}\n"]
        start = (f"\t{{\n\t\tc := make(chan *T{i}, 1)\n\t\twg.Add(1)\n\t\tgo func() {{ defer wg.Done(); w{w}(c, c, &tallies[{w}]) }}()\n\t}}")
        return "\n".join(lines), start

    def program(self):
        text = [PRELUDE, "type I interface{ key() uint64 }\n"]
        for i in range(self.types):
            text += [self.declare(i), self.make(i), self.check(i)]
        starts = []
        n = self.r.randint(2, 6)
        for w in range(n):
            body, start = self.worker(w)
            text.append(body)
            starts.append(start)
        text.append(f"var tallies [{n}]tally\n\nfunc main() {{\n\tvar wg sync.WaitGroup\n" + "\n".join(starts) +
                    "\n\twg.Wait()\n\tfmt.Println(tallies)\n\tvar o [8]byte\n\t_ = unsafe.Pointer(&o)\n}\n")
        return "\n".join(text)


def outcome(tool, folder, env):
    exe, message = tool.build(folder)
    if exe is None:
        return message
    try:
        done = subprocess.run([str(exe)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=tool.timeout, env={**os.environ, **env})
    except subprocess.TimeoutExpired:
        return "timeout"
    return done.stdout.decode(errors="replace")[:3000] + f"\nexit {done.returncode}"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--go", default=os.path.expanduser("~/.cache/gort/goroot/bin/go"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--programs", type=int, default=10)
    p.add_argument("--every", type=int, default=0, help="a cycle at every N-th allocation; 0: at random, 50 to 2000")
    p.add_argument("--keep", type=Path, help="a folder for the programs that differ")
    a = p.parse_args()
    if not os.access(a.go, os.X_OK):
        print("heap: official Go is not there")
        return 0
    go, gort = Tool("go", a.go, 60), Tool("gort", os.path.abspath(a.gort), 120)
    bad = 0
    for seed in range(a.seed, a.seed + a.programs):
        r = random.Random(seed)
        every = a.every or r.randint(50, 2000)
        env = {"GODEBUG": f"gortgc={every},clobberfree=1,gccheckmark=1", "GOMAXPROCS": str(r.choice([1, 2, 4]))}
        with tempfile.TemporaryDirectory(prefix="gort-heap-") as tmp:
            folder = Path(tmp)
            (folder / "go.mod").write_text("module heap\n\ngo 1.27\n")
            (folder / "main.go").write_text(Writer(seed).program())
            want, got = outcome(go, folder, {}), outcome(gort, folder, env)
            if want != got or "exit 0" not in want:
                bad += 1
                print(f"seed {seed} ({env}):\n  go:   {want[:600]}\n  gort: {got[:900]}")
                if a.keep:
                    a.keep.mkdir(parents=True, exist_ok=True)
                    (a.keep / f"heap{seed}.go").write_text((folder / "main.go").read_text())
    print(f"heap: {a.programs} programs, {bad} differences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
