#!/usr/bin/env python3
"""Bounds: random loops, conditions and indices, of which the compiler proves some good and must not the others.

    bounds.py --gort PATH [--go PATH] [--seed N] [--programs N] [--units N] [--seconds N]

Each function is called with lengths and numbers at which indices are just good or just not, up to those that wrap; what it
returns, what it has written and the text of its panic are compared with official Go. Some statements may panic in several ways, of
which official Go chooses by rules of its own. Loops have fuel. The exit code is 1 if a
program's output differs; the first line that does is printed, and the program is kept in the folder that is named.
"""
import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from fuzz import Tool
from order import difference, outcome

PRELUDE = r'''package main

import (
	"fmt"
	"math"
)

func seq(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && i < 40 && yield(i); i++ {
		}
	}
}

func sum(s []int, b []byte, a *[16]int) (h int) {
	for _, x := range s {
		h = h*31 + x
	}
	for _, x := range b {
		h = h*31 + int(x)
	}
	for _, x := range a {
		h = h*31 + x
	}
	return h
}

var lengths = []int{0, 1, 2, 3, 7, 8, 9, 16, 17}
var numbers = []int{0, 1, -1, 2, 3, 7, 8, 9, 15, 16, 17, -8, 255, 256, 1 << 31, math.MaxInt, math.MaxInt - 7, math.MinInt, math.MinInt + 3}

func call(name string, f func(s []int, b []byte, a *[16]int, t string, n, k int) int, i int) {
	l, n, k := lengths[i%len(lengths)], numbers[i*5%len(numbers)], numbers[(i*7+i/19)%len(numbers)]
	s, b, a := make([]int, l, l+i%3), make([]byte, l), new([16]int)
	for j := range s {
		s[j], b[j], a[j&15] = j*7-9, byte(j*37+5), j+3
	}
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(name, l, n, k, "panics:", e, sum(s, b, a))
		}
	}()
	fmt.Println(name, l, n, k, f(s, b, a, "golang, by another road"[:l], n, k), sum(s, b, a))
}
'''

INDICES = ["{v}", "{v}", "{v}", "{v} + {c}", "{v} - {c}", "len({x}) - 1 - {v}", "len({x}) - {c}", "{v} * {c}", "{v} & {m}", "{v} & (len({x}) - 1)",
           "({v} + {w}) / 2", "int(uint({v}+{w}) >> 1)", "{v} / {c}", "{v} >> {c}", "min({v}, len({x})-1)", "max({v}, 0)", "{v} % {c}",
           "int(uint8({v}))", "int(int8({v}))", "int(uint32({v}))", "int(int32({v}))", "{c}", "{v} - {w}", "{v} + {w}", "{v} << 1", "{v} | {c}",
           "int(uint({v}) % {c})", "-{v}"]
CONDITIONS = ["{i} < len({x})", "{i} >= 0", "{i} < {v}", "{i} <= len({x})-{c}", "{i} != len({x})", "uint({i}) < uint(len({x}))", "len({x}) > {c}",
              "len({x}) >= {c}", "len({x}) == {c}", "len({x}) != 0", "{v} > {w}", "{v} >= 0 && {v} < len({x})", "{v} < 0 || {v} >= len({x})",
              "{v} < len({x}) && {v} > {w}", "{v}%{c} == 0", "{v}%2 != 0", "{c} <= {v}", "len({x})-{v} >= {c}", "{v} == {w}"]


class Writer:
    def __init__(self, seed):
        self.r = random.Random(f"bounds {seed}")
        self.count = 0

    def fill(self, templates, x=None):
        """A template with its holes filled: a slice, variables, constants, and an index of the slice."""
        r = self.r
        x = x or r.choice("sbt")
        text = r.choice(templates)
        if "{i}" in text:
            text = text.replace("{i}", self.fill(INDICES, x))
        while "{v}" in text or "{w}" in text:
            text = text.replace("{v}", r.choice(self.vars), 1).replace("{w}", r.choice(self.vars), 1)
        return text.format(x=x, c=r.choice([1, 1, 2, 3, 4, 7, 8]), m=r.choice([1, 3, 7, 15]))

    def index(self, x):
        return self.fill(INDICES, "s" if x == "a" else x)

    def block(self, depth, n=None):
        lines = []
        for _ in range(n or self.r.randint(1, 3)):
            lines += self.stmt(depth)
        return ["\t" + line for line in lines]

    def stmt(self, depth):
        kinds = [self.read] * 5 + [self.write] * 2 + [self.assign] * 2 + [self.cut, self.divide, self.number, self.store, self.make,
                                                                             self.several]
        if depth > 0:
            kinds += [self.branch] * 3 + [self.loop] * 4
        if self.loops:
            kinds += [self.leave]
        return self.r.choice(kinds)(depth)

    def read(self, _):
        x = self.r.choice("sbat")
        return [f"r = r*31 + int({x}[{self.index(x)}])"]

    def write(self, _):
        x = self.r.choice("sba")
        return [f"{x}[{self.index(x)}] = {'byte(r)' if x == 'b' else 'r & 0xffff'}"]

    def assign(self, _):
        found = [v for v in self.vars if v not in self.fixed]
        return [f"{self.r.choice(found)} = {self.fill(INDICES)}"] if found else ["r ^= n"]

    def cut(self, _):
        x = self.r.choice("sbt")
        i, j = self.index(x), self.index(x)
        return [f"{x} = {x}[{self.r.choice([f'{i}:', f':{i}', f'{i}:{j}', f'1:', f'{i}:{i} + 4'])}]"]

    def several(self, _):
        """Parts of which more than one may panic."""
        r = self.r
        parts = []
        for _ in range(r.randint(2, 3)):
            x = r.choice("sbt")
            parts.append(r.choice([f"int({x}[{self.index(x)}])", f"len({x}[{self.index(x)}:])", f"len({x}[:{self.index(x)}])",
                                   f"{r.choice(self.vars)} / {r.choice(self.vars)}", f"cap(s[{self.index('s')}:])"]))
        return [f"r += {' + '.join(parts)}"]

    def divide(self, _):
        v, w = self.r.choice(self.vars), self.r.choice(self.vars)
        return self.r.choice([[f"r += {v}/{c}*3 + {v}%{c}" for c in [self.r.choice([2, 3, 8, 10])]],
                              [f"r += {v} / {w}"], [f"r += {v} % {w}"], [f"if {w} > 0 {{", f"\tr += {v}/{w} + {v}%{w}", "}"],
                              [f"if {v} >= 0 && len(s) > 0 {{", f"\tr += s[{v}%len(s)]", "}"]])

    def number(self, _):
        """A number read byte by byte, behind checks or with them between."""
        n, i = self.r.choice([2, 4, 8]), self.r.choice(self.vars)
        up = self.r.random() < 0.5
        at = lambda k: f"b[{i}+{k}]" if k else f"b[{i}]"
        parts = [f"uint64({at(k)})<<{8 * (k if up else n - 1 - k)}" for k in range(n)]
        hint = self.r.choice([[], [f"_ = {at(n - 1)}"], [f"_ = b[{i} : {i}+{n}]"]])
        return hint + [f"r = r*7 + int({' | '.join(parts)})"]

    def store(self, _):
        n, i = self.r.choice([2, 4, 8]), self.r.choice(self.vars)
        up = self.r.random() < 0.5
        at = lambda k: f"b[{i}+{k}]" if k else f"b[{i}]"
        hint = self.r.choice([[], [f"_ = {at(n - 1)}"]])
        return hint + [f"{at(k)} = byte(r >> {8 * (k if up else n - 1 - k)})" for k in range(n)]

    def make(self, _):
        self.count += 1
        m, i = f"m{self.count}", self.index("s")
        return [f"if e := {i}; e < 64 {{", f"\t{m} := make([]int, e)", f"\tfor i := 0; i < {self.r.choice(['e', 'n', 'len(' + m + ')'])} && i < 70; i++ {{",
                f"\t\t{m}[i] = r", "\t}", f"\tr += len({m})", "}"]

    def branch(self, depth):
        lines = [f"if {self.fill(CONDITIONS)} {{"] + self.block(depth - 1)
        if self.r.random() < 0.4:
            lines += ["} else {"] + self.block(depth - 1)
        return lines + ["}"]

    def leave(self, _):
        return [f"if {self.fill(CONDITIONS)} {{", "\t" + self.r.choice(["break", "continue"]), "}"]

    def loop(self, depth):
        r = self.r
        self.count += 1
        i, j, x = f"i{self.count}", f"j{self.count}", r.choice("sbt")
        start, end, by = r.choice(["0", "1", "2", r.choice(self.vars)]), r.choice([f"len({x})", f"len({x})-1", "n", "k", "16"]), r.choice([1, 1, 1, 2, 4])
        heads = [(f"for {i} := {start}; {i} < {end}; {i} += {by} {{", [i]), (f"for {i} := {end} - 1; {i} >= 0; {i}-- {{", [i]),
                 (f"for {i} := {end}; {i} > 0; {i} -= {by} {{", [i]), (f"for {i}, {j} := 0, len({x})-1; {i} < {j}; {i}, {j} = {i}+1, {j}-1 {{", [i, j]),
                 (f"for {i} := range {x if x != 't' else '[]byte(t)'} {{", [i]), (f"for {i} := range {end} {{", [i]),
                 (f"for {i} := range seq({end}) {{", [i]), (f"for {i} := {start}; {i}+{by} <= {end}; {i} += {by} {{", [i]),
                 (f"for {i}, {j} := 0, {end}; {i} < {j}; {{", [i, j]), (f"for {self.fill(CONDITIONS)} {{", [])]
        head, new = r.choice(heads)
        saved = self.vars, self.fixed, self.loops
        # What a loop of two ends does to them is up to its body.
        self.vars, self.loops = self.vars + new, True
        self.fixed = self.fixed if head.endswith("; {") else self.fixed | set(new)
        body = self.block(depth - 1)
        self.vars, self.fixed, self.loops = saved
        used = [f"\t_ = {v}" for v in new]
        return [head, "\tif fuel--; fuel < 0 {", "\t\treturn r", "\t}"] + used + body + ["}"]

    def unit(self, name):
        self.vars, self.fixed, self.loops = ["n", "k", "p", "q"], set(), False
        text = [f"func {name}(s []int, b []byte, a *[16]int, t string, n, k int) (r int) {{", "\tfuel, p, q := 100, len(s), 0", "\t_, _, _ = fuel, p, q"]
        return "\n".join(text + self.block(3, self.r.randint(1, 3)) + ["\treturn r", "}", ""])

    def program(self, units):
        names = [f"u{i}" for i in range(units)]
        calls = "\n".join(f"\t\tcall(\"{n}\", {n}, i)" for n in names)
        main = f"func main() {{\n\tfor i := range 171 {{\n{calls}\n\t}}\n}}\n"
        return "\n".join([PRELUDE] + [self.unit(n) for n in names] + [main])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--go", default=os.path.expanduser("~/.cache/gort/goroot/bin/go"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--programs", type=int, default=3)
    p.add_argument("--units", type=int, default=60)
    p.add_argument("--seconds", type=float, default=1e9, help="begin no other program after this time")
    a = p.parse_args()
    if not os.access(a.go, os.X_OK):
        print("bounds: official Go is not there")
        return 0
    tools = [Tool("go", a.go, 60), Tool("gort", os.path.abspath(a.gort), 60)]
    bad = tried = 0
    began = time.monotonic()
    for seed in range(a.seed, a.seed + a.programs):
        if time.monotonic() - began > a.seconds:
            break
        tried += 1
        folder = Path(tempfile.mkdtemp(prefix="gort-bounds-"))
        (folder / "go.mod").write_text("module bounds\n\ngo 1.27\n")
        (folder / "main.go").write_text(Writer(seed).program(a.units))
        go, gort = (outcome(t, folder).split("\n") for t in tools)
        if len(go) < a.units:
            sys.exit(f"seed {seed} ({folder}): official Go does not run it: {go[:3]}")
        if go == gort:
            for f in folder.iterdir():
                f.unlink()
            folder.rmdir()
            continue
        bad += 1
        print(f"seed {seed} ({folder}), {difference(go, gort)}")
    print(f"bounds: {tried} programs of {a.units} functions, {bad} differences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
