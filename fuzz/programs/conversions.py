#!/usr/bin/env python3
"""Conversions in generic code: every pair of kinds, constants and values, built and run by official Go and by gort.

    conversions.py --gort PATH [--go PATH] [--seed N] [--sets N]

The program has for each pair of kinds that convert functions from one to the other, with a type parameter on either side or
both, and for each constant functions that convert it to a type parameter: of each kind it fits, and of random sets of
those. Each is called for the kinds and for named types of them. What differs is printed; the exit code is 1 then.
"""
import argparse
import itertools
import os
import random
import sys
import tempfile
from pathlib import Path

from fuzz import Tool
from order import outcome

SIGNED = {"int": 64, "int8": 8, "int16": 16, "int32": 32, "int64": 64}
UNSIGNED = {"uint": 64, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64, "uintptr": 64}
INTS = SIGNED | UNSIGNED
FLOATS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
BYTES = ["[]byte", "[]rune"]
KINDS = ["bool", *INTS, *FLOATS, *COMPLEX, "string", *BYTES]

VALUES = {
    "bool": ["true", "false"],
    "string": ['""', '"aé\\x80z"'],
    "[]byte": ["[]byte(nil)", '[]byte("hé")'],
    "[]rune": ["[]rune(nil)", "[]rune{'h', 0x1F600, -1}"],
}
VALUES |= {k: ["0", "-3", "100"] for k in SIGNED}
VALUES |= {k: ["0", "65", "200"] for k in UNSIGNED}
VALUES |= {k: ["0.1", "65.75"] for k in FLOATS}
VALUES |= {k: ["1.5-2i", "-0.1i"] for k in COMPLEX}

# Types that convert only to each other: a declaration of what is needed, the types, values of the first.
OTHERS = [
    (["[]int", "[3]int", "*[3]int", "[]int"], ["[]int{1, 2, 3, 4}", "[]int{1}"]),
    (["*[2]string", "*pair"], ["&[2]string{\"a\", \"b\"}"]),
    (["struct{ a int }", 'struct{ a int "x" }'], ["struct{ a int }{7}"]),
    (["func(int) string", "func(int) string"], ["func(i int) string { return string(rune(i)) }"]),
    (["map[string]int", "map[string]int"], ['map[string]int{"a": 1}']),
]

# Constant, what it is: a Python number for a numeric one, else a kind; and its default type.
CONSTANTS = [
    ("0", 0), ("1", 1), ("-1", -1), ("65", 65), ("'x'", 120), ("300", 300), ("1 << 40", 1 << 40),
    ("3.0", 3.0), ("0.1", 0.1), ("-2.5", -2.5), ("1e20", 1e20), ("0i", 0j), ("3i", 3j), ("-1i", -1j), ("1.5+2i", 1.5 + 2j),
    ("int8(5)", 5), ("float32(0.1)", 0.1), ("complex64(1i)", 1j), ("named", 7), ("uint64(1<<64-1)", (1 << 64) - 1),
    ('"aé"', "string"), ('""', "string"), ("text", "string"), ("true", "bool"), ("1 > 2", "bool"),
]


def converts(a, b):
    """Whether values of kind a convert to kind b."""
    numbers = [*INTS, *FLOATS]
    return (a == b or a in numbers and b in numbers or a in COMPLEX and b in COMPLEX or a in INTS and b == "string"
            or a == "string" and b in BYTES or a in BYTES and b == "string")


def fits(text, what, kind):
    """Whether a constant converts to a kind."""
    if isinstance(what, str):
        return kind == what or what == "string" and kind in BYTES
    if kind in COMPLEX:
        return True
    if isinstance(what, complex):
        # A typed complex constant converts to complex kinds only.
        if what.imag or text.startswith("complex"):
            return False
        what = what.real
    if kind in FLOATS:
        return True
    if kind in INTS:
        if what != int(what):
            return False
        bits = INTS[kind]
        low, high = (0, 1 << bits) if kind in UNSIGNED else (-(1 << bits - 1), 1 << bits - 1)
        return low <= what < high
    return kind == "string" and isinstance(what, int) and not text.startswith("float")


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.funcs, self.calls, self.count, self.names = [], [], 0, {}

    def name(self):
        self.count += 1
        return f"f{self.count}"

    def named(self, ty):
        """A named type of a type."""
        return self.names.setdefault(ty, f"N{len(self.names)}")

    def call(self, expr):
        self.calls.append(f"\tshow({expr})")

    def pair(self, a, b, values):
        to_param, from_param, both = self.name(), self.name(), self.name()
        self.funcs += [
            f"func {to_param}[T {term(b)}](x {a}) T {{ return T(x) }}",
            f"func {from_param}[F {term(a)}](x F) {b} {{ return ({b})(x) }}",
            f"func {both}[F {term(a)}, T {term(b)}](x F) T {{ y := T(x); return y }}",
        ]
        na, nb = self.named(a), self.named(b)
        for v in values:
            x = f"({a})({v})"
            for to in (b, nb):
                self.call(f"try(func() {to} {{ return {to_param}[{to}]({x}) }})")
            for of in (a, na):
                self.call(f"try(func() {b} {{ return {from_param}(({of})({x})) }})")
            self.call(f"try(func() {nb} {{ return {both}[{na}, {nb}](({na})({x})) }})")

    def constant(self, text, kinds):
        f, g = self.name(), self.name()
        terms = " | ".join("~" + k for k in kinds)
        self.funcs += [
            f"func {f}[T {terms}]() T {{ return T({text}) }}",
            f"func {g}[T {terms}](p *T, m map[string]T) any {{ *p = T({text}); m[\"k\"] = T({text}); return T({text}) }}",
        ]
        for k in kinds:
            for ty in (k, self.named(k)):
                self.call(f"{f}[{ty}]()")
                self.call(f"func() any {{ var x {ty}; m := map[string]{ty}{{}}; y := {g}(&x, m); return [3]any{{x, m, y}} }}()")

    def program(self, sets):
        for a, b in itertools.product(KINDS, KINDS):
            if converts(a, b):
                self.pair(a, b, VALUES[a] if b != "string" or a not in INTS else VALUES[a][:2])
        for types, values in OTHERS:
            for b in types[1:]:
                self.pair(types[0], b, values)
        for text, what in CONSTANTS:
            kinds = [k for k in KINDS if fits(text, what, k)]
            for k in kinds:
                self.constant(text, [k])
            for _ in range(sets):
                self.constant(text, self.random.sample(kinds, self.random.randint(1, len(kinds))))
        types = "\n".join(f"type {n} {t}" for t, n in self.names.items())
        # Functions of a size that compilers like.
        parts = [self.calls[i:i + 200] for i in range(0, len(self.calls), 200)]
        bodies = "\n".join(f"func part{i}() {{\n" + "\n".join(p) + "\n}" for i, p in enumerate(parts))
        calls = "\n".join(f"\tpart{i}()" for i in range(len(parts)))
        return PRELUDE + types + "\n" + "\n".join(self.funcs) + "\n" + bodies + f"\nfunc main() {{\n{calls}\n}}\n"


def term(ty):
    return "interface{ ~" + ty + " }"


PRELUDE = r'''package main

import (
	"fmt"
	"reflect"
)

const named = 7
const text = "text"

type pair [2]string

var line int

func show(x any) {
	line++
	v := reflect.ValueOf(x)
	if v.IsValid() {
		switch v.Kind() {
		case reflect.Func:
			x = v.Call([]reflect.Value{reflect.ValueOf(65)})[0].Interface()
		case reflect.Chan:
			x = v.Cap()
		case reflect.Pointer:
			if !v.IsNil() {
				x = v.Elem().Interface()
			}
		}
		fmt.Print(line, " ", v.Type(), " ")
	}
	fmt.Printf("%T %#v\n", x, x)
}

func try[T any](f func() T) (r any) {
	defer func() {
		if e := recover(); e != nil {
			r = fmt.Sprint(e)
		}
	}()
	return f()
}

'''


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--go", default=os.path.expanduser("~/.cache/gort/goroot/bin/go"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--sets", type=int, default=2)
    p.add_argument("--source", help="write the program there")
    a = p.parse_args()
    program = Writer(a.seed).program(a.sets)
    if a.source:
        Path(a.source).write_text(program)
    if not os.access(a.go, os.X_OK):
        print("conversions: official Go is not there")
        return 0
    tools = [Tool("go", a.go, 300), Tool("gort", os.path.abspath(a.gort), 300)]
    with tempfile.TemporaryDirectory(prefix="gort-conversions-") as tmp:
        folder = Path(tmp)
        (folder / "go.mod").write_text("module conversions\n\ngo 1.27\n")
        (folder / "main.go").write_text(program)
        go, gort = (outcome(t, folder).split("\n") for t in tools)
    bad = [(g, o) for g, o in itertools.zip_longest(go, gort) if g != o]
    for g, o in bad[:10]:
        print(f"  go:   {g}\n  gort: {o}")
    print(f"conversions: {len(go)} lines, {len(bad)} differences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
