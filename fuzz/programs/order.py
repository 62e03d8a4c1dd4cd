#!/usr/bin/env python3
"""The order of evaluation: programs full of operands that change each other, built and run by official Go and by gort.

    order.py --gort PATH [--go PATH] [--seed N] [--programs N] [--units N]

The specification leaves open when `x` is read in `x + f()`. gort does as official Go does, and these
programs would show where it does not: their functions assign to all the variables that the other operands read. The exit
code is 1 if a program's output differs; its source is printed with the first line that does.
"""
import argparse
import os
import random
import re
import sys
import tempfile
from pathlib import Path

from fuzz import Tool

PRELUDE = r'''package main

import "fmt"

type T struct {
	a, b int
	s    string
	p    *int
	in   [2]int
}
type M struct{ n int }

func (m M) val(k int) int  { x++; return m.n*10 + k }
func (m *M) ptr(k int) int { m.n += k; y += m.n; return m.n }

type I interface{ val(int) int }

var (
	x, y, z = 1, 2, 3
	s       = "s"
	arr     = [4]int{10, 20, 30, 40}
	sl      = []int{5, 6, 7, 8}
	m       = map[int]int{1: 11, 2: 22}
	pm      = &M{3}
	vm      = M{4}
	im      I = vm
	px      = &x
	t       = T{a: 1, b: 2, s: "t", p: &y}
	pt      = &t
	a       any = 9
	flag    = true
	fn      = fx
	out     []byte
)

func fx(k int) int { x += k; return x % 7 }
func fy(k int) int { y = (y*3 + k) % 1000; return y % 5 }
func fz() int      { z++; x, y = y%100, x%100; return z % 4 }
func fs() string {
	s += "."
	if len(s) > 6 {
		s = s[:1]
	}
	return s
}
func farr() int  { arr[x&3]++; sl[y&3] += 2; t.a += 3; t.in[x&1] = y; return arr[0] & 3 }
func fsl() []int { sl = append([]int{}, sl...); sl[1]++; return sl }
func fm() int {
	m[1]++
	m[z&7] = x
	if len(m) > 6 {
		m = map[int]int{1: z}
	}
	return len(m)
}
func fb() bool { flag = !flag; vm.n++; return flag }
func fp() *int {
	if px == &x {
		px = &y
	} else {
		px = &x
	}
	*px++
	return px
}
func ft() T   { t.b++; pt.s = fs(); return t }
func fa() any { a = x; return a }

func i3(a, b, c int) int            { x = (x + a) % 50; return a + b*2 + c*3 }
func vs(k string, q ...int) int     { return len(k) + len(q) }
func any2(a any, b I, c int) int    { show(a); z = (z + c) % 9; return b.val(c) }
func tk(t T, p *int, n int) int     { *p = (*p + n) % 90; return t.a + t.in[1] + n }
func print1(v string)               { out = append(out, v...) }
func pr(args ...any) {
	for _, v := range args {
		print1(" ")
		show(v)
	}
	print1("\n")
}
func show(v any) {
	switch v := v.(type) {
	case *int:
		print1(fmt.Sprint("*", *v))
	case *T:
		print1(fmt.Sprint("&", v.a, v.b, v.s, v.in))
	case T:
		print1(fmt.Sprint(v.a, v.b, v.s, v.in))
	case *M:
		print1(fmt.Sprint("&M", v.n))
	case map[int]int:
		print1(fmt.Sprint("m", len(v)))
	default:
		print1(fmt.Sprint(v))
	}
}
'''

PLAIN = ["x", "y", "z", "arr[1]", "sl[2]", "m[1]", "t.a", "pt.b", "*px", "vm.n", "pm.n", "len(s)", "7", "arr[x&3]",
         "sl[y&3]", "t.in[z&1]", "len(sl)", "len(m)"]

# {} is an integer expression, [] one of any type, <> a string, ?? a boolean, @ a place.
INTS = ["({} + {})", "({} - {}*2)", "fx({}&15)", "fy({}&15)", "fz()", "farr()", "fm()", "fsl()[{}&3]", "arr[{}&3]",
        "sl[{}&3]", "m[{}&3]", "i3({}, {}, {})", "vm.val({})", "pm.ptr({}&3)", "im.val({})", "*fp()", "ft().a",
        "fa().(int)", "any2([], im, {})", "tk(t, px, {})", "len(<>)", "fn({}&7)", "vs(<>, {}, {})",
        "[...]int{ {}, {}, {} }[{}&1]", "min({}, {})", "T{a: {}, b: {} }.b"]
STRINGS = ["(<> + <>)", "fs()", "fmt.Sprint({}, <>)", "string([]byte(<>))", "ft().s"]
BOOLS = ["(?? && ??)", "(?? || ??)", "!??", "({} < {})", "(<> == <>)", "(t == ft())", "(a == any({}))"]
ANYS = ["{}", "<>", "??", "t", "&t", "px", "pm", "arr", "T{a: {}, s: <>}", "&T{b: {}, s: s}", "vm", "[2]int{ {}, {} }",
        "flag", "a", "m", "int8({})", "float64({})", "complex(float64({}), float64({}))"]
PLACES = ["x", "y", "z", "arr[{}&3]", "sl[{}&3]", "m[{}&3]", "*px", "*fp()", "t.a", "pt.b", "t.in[{}&1]", "fsl()[{}&3]"]
STATEMENTS = [
    "pr([], [])", "pr([], [], [])", "pr([], [], [], [])", "@ = {}", "@, @ = {}, {}", "@ += {}", "@ ^= {}",
    "if v := ({}); ?? { pr(v) } else { pr(x, y) }", "{ p, q := {}, []; pr(p, q) }",
    "pr(func() (int, any, bool) { return {}, [], ?? }())", "sl = append(sl[:3], {})",
    "switch ({}) & 3 {\n\tcase ({}) & 3: pr(z)\n\tdefault: pr(s)\n\t}",
    "{ c := make(chan int, 2); c <- {}; c <- {}; pr(<-c + {}, <-c) }",
    "defer func(p int, q any) { pr(p, q) }({}, [])", "@, flag = {}, ??",
]
HOLE = re.compile(r"\{\}|\[\](?!int|byte)|<>|\?\?|@")


class Writer:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def fill(self, form, depth):
        kinds = {"{}": self.integer, "[]": self.anything, "<>": self.string, "??": self.boolean, "@": self.place}
        return HOLE.sub(lambda hole: kinds[hole[0]](depth - 1), form)

    def integer(self, depth):
        return self.fill(self.r.choice(INTS), depth) if depth > 0 else self.r.choice(PLAIN)

    def string(self, depth):
        return self.fill(self.r.choice(STRINGS), depth) if depth > 0 else self.r.choice(["s", "t.s", "pt.s", '"k"', "fs()"])

    def boolean(self, depth):
        plain = ["flag", "fb()", "(x > y)", "(s == t.s)"]
        return "(" + (self.fill(self.r.choice(BOOLS), depth) if depth > 0 else self.r.choice(plain)) + ")"

    def anything(self, depth):
        return self.fill(self.r.choice(ANYS), depth)

    def place(self, depth):
        return self.fill(self.r.choice(PLACES), min(depth, 1))

    def program(self, units):
        text = [PRELUDE]
        for i in range(units):
            body = "\n".join("\t" + self.fill(self.r.choice(STATEMENTS), self.r.randint(1, 4)) for _ in range(6))
            text.append(f"func u{i}() {{\n\tdefer func() {{\n\t\tif r := recover(); r != nil {{\n\t\t\tpr(fmt.Sprint(r))\n\t\t}}\n\t}}()\n{body}\n}}\n")
        calls = "\n".join(f"\tu{i}()\n\tx, y, z = x%100, y%100, z%100\n\tpr({i}, x, y, z, s, arr, sl, len(m), m[1], t, flag, *px, vm, pm)"
                          for i in range(units))
        text.append(f"func main() {{\n{calls}\n\tfmt.Print(string(out))\n}}\n")
        return "\n".join(text)


def outcome(tool, folder):
    exe, message = tool.build(folder)
    if exe is None:
        return message
    return re.sub(r"0x[0-9a-f]+", "ADDR", "{0}{2}\nexit {1}".format(*tool.run(exe)))


def difference(go, gort):
    """The first line in which two outcomes, lists of lines, differ."""
    line = next((i for i, (g, o) in enumerate(zip(go, gort)) if g != o), min(len(go), len(gort)) - 1)
    return f"line {line + 1}:\n  go:   {go[line]}\n  gort: {gort[line]}"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--go", default=os.path.expanduser("~/.cache/gort/goroot/bin/go"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--programs", type=int, default=3)
    p.add_argument("--units", type=int, default=120)
    a = p.parse_args()
    if not os.access(a.go, os.X_OK):
        print("order: official Go is not there")
        return 0
    tools = [Tool("go", a.go, 60), Tool("gort", os.path.abspath(a.gort), 60)]
    bad = 0
    for seed in range(a.seed, a.seed + a.programs):
        with tempfile.TemporaryDirectory(prefix="gort-order-") as tmp:
            folder = Path(tmp)
            (folder / "go.mod").write_text("module order\n\ngo 1.27\n")
            (folder / "main.go").write_text(Writer(seed).program(a.units))
            go, gort = (outcome(t, folder).split("\n") for t in tools)
            if go != gort:
                bad += 1
                print(f"seed {seed}, {difference(go, gort)}")
    print(f"order: {a.programs} programs, {bad} differences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
