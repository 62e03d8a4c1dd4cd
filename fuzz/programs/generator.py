"""One generated unit: its types, functions and entry, as the text of a Go file; and what all units share.

A unit declares only names that end in its number, so that any number of units make one package.
"""
import random

import gotypes as T
from exprs import Var
from stmts import Stmts

PRELUDE = """package main

import (
\t"bufio"
\t"fmt"
\t"os"
)

var (
\tw    = bufio.NewWriter(os.Stdout)
\tfuel int
\tlines int
\tsink [64]byte
)

type node struct {
\tnext *node
\tval  int
}

func out(label, s string) {
\tif lines++; lines > 300 {
\t\treturn
\t}
\tif len(s) > 300 {
\t\ts = s[:300]
\t}
\tw.WriteString(label)
\tw.WriteString("=")
\tw.WriteString(s)
\tw.WriteByte('\\n')
}

func tick() {
\tif fuel--; fuel < 0 {
\t\tpanic("out of fuel")
\t}
}

// clobber writes over the stack below its caller.
func clobber(n int) byte {
\tvar a [200]byte
\tfor i := range a {
\t\ta[i] = byte(n) ^ 0xA5
\t}
\tif n > 0 {
\t\tsink[n&63] = a[n] ^ clobber(n-1)
\t}
\treturn a[n&127]
}

func id[V any](v V) V       { return v }
func addr[V any](v V) *V    { return &v }
func clip[V any](s []V) []V { return s[:len(s):len(s)] }

func deref[V any](p *V) (v V) {
\tif p != nil {
\t\tv = *p
\t}
\treturn
}

func deref2[V any](p *V) *V {
\tif p == nil {
\t\treturn new(V)
\t}
\treturn p
}

func mod(i, n int) int { return int(uint(i) % uint(n)) }

func at[V any](s []V, i int) (v V) {
\tif len(s) > 0 {
\t\tv = s[mod(i, len(s))]
\t}
\treturn
}

func pick[V any](c bool, a, b V) V {
\tif c {
\t\treturn a
\t}
\treturn b
}

func sum(list ...int) (s int) {
\tfor i, v := range list {
\t\ts += v << (i & 3)
\t}
\treturn
}

func lim(s string) string {
\tif len(s) > 200 {
\t\treturn s[:200]
\t}
\treturn s
}

func cut(s string, n int) string { return s[min(n, len(s)):] }

func is[V any](v any) bool {
\t_, ok := v.(V)
\treturn ok
}

func seq(n int) func(func(int) bool) {
\treturn func(yield func(int) bool) {
\t\tfor i := range n {
\t\t\tif !yield(i) {
\t\t\t\treturn
\t\t\t}
\t\t}
\t}
}

func pairs[V any](s []V) func(func(int, V) bool) {
\treturn func(yield func(int, V) bool) {
\t\tdefer tick()
\t\tfor i, v := range s {
\t\t\tif !yield(i, v) {
\t\t\t\treturn
\t\t\t}
\t\t}
\t}
}

// guard runs f; what it panics with is shown.
func guard(name string, f func()) {
\tfuel, lines = 3000, 0
\tdefer func() {
\t\tif r := recover(); r != nil {
\t\t\tw.WriteString(name + " panics: " + fmt.Sprint(r) + "\\n")
\t\t}
\t}()
\tf()
}

func begin(unit int) {
\tfmt.Fprintf(w, "#### %d\\n", unit)
\tw.Flush()
}
"""


class Func:
    def __init__(self, name, params, results):
        self.name, self.params, self.results = name, params, results


class Unit:
    """Unit `uid` of a seed."""

    def __init__(self, seed, uid):
        self.uid = uid
        self.r = random.Random(f"{seed}/{uid}")
        self.show = T.Show(uid)
        self.globals = []
        self.code = []
        self.text = self.write()

    def write(self):
        self.make_types()
        self.make_globals()
        funcs = []
        for i in range(self.r.randint(2, 5)):
            funcs.append(self.function(i, funcs))
        entry = [f"func run_{self.uid}() {{"]
        for f in funcs:
            body = Stmts(self, self.r)
            args = ", ".join(body.typed(p, 2) for p in f.params)
            names = [f"r{i}" for i in range(len(f.results))]
            entry += [f"\tguard(\"{f.name}\", func() {{", f"\t\t{', '.join(names)} := {f.name}({args})"]
            entry += [f"\t\tout(\"{n}\", {self.show.call(t, n)})" for n, t in zip(names, f.results)]
            entry += ["\t})"]
        for g in self.globals:
            entry += [f"\tguard(\"{g.name}\", func() {{", f"\t\tout(\"{g.name}\", {self.show.call(g.typ, g.name)})", "\t})"]
        entry += ["}"]
        code = "\n".join(self.code) + "\n" + "\n".join(entry) + "\n" + "\n".join(self.show.code)
        imports = [p for p in ("fmt", "runtime", "sort", "strconv", "sync") if f"{p}." in code]
        head = "package main\n\nimport (\n" + "".join(f"\t\"{p}\"\n" for p in imports) + ")\n\n" if imports else \
            "package main\n\n"
        return head + code

    def make_types(self):
        r, u = self.r, self.uid
        mine = T.named_int(f"num_{u}", r.choice(T.INTS))
        self.code.append(f"type {mine} {mine.under}\n")
        self.scalars = [T.INT, T.STRING, T.BOOL, T.F64, T.basic("uint8"), mine] + [
            T.basic(n) for n in r.sample(T.INTS + ["float32"], 3)]
        types = list(self.scalars)
        structs = []
        for i in range(r.randint(2, 3)):
            fields = [(f"f{j}", self.field_type(types, structs)) for j in range(r.randint(1, 5))]
            s = T.struct(f"st{i}_{u}", fields)
            lines = "".join(f"\t{n} {t}\n" for n, t in fields)
            self.code.append(f"type {s} struct {{\n{lines}}}\n")
            structs.append(s)
            types.append(s)
        self.make_methods(structs, mine)
        boxed = T.box(f"box_{u}", r.choice(self.scalars + structs))
        self.code.append(f"type box_{u}[V any] struct {{\n\tv V\n\tn int\n}}\n")
        self.code.append(f"func (b box_{u}[V]) get() V {{ return b.v }}\n")
        self.code.append(f"func (b *box_{u}[V]) put(v V) *box_{u}[V] {{\n\tb.v = v\n\tb.n++\n\treturn b\n}}\n")
        some = lambda: r.choice(self.scalars + structs)
        self.func_types = [T.func([some() for _ in range(r.randint(0, 2))], r.choice(self.scalars + structs))
                           for _ in range(2)] + [T.func([T.INT], T.INT)]
        types += [T.ptr(s) for s in structs] + [T.slice_of(some()), T.slice_of(T.INT), T.slice_of(T.ptr(structs[0])),
                  T.array(r.choice([2, 4, 8]), some()), T.array(4, T.INT), T.ptr(T.INT), T.ptr(T.array(4, T.INT)),
                  T.map_of(r.choice([T.INT, T.STRING, mine, T.BOOL]), some()), T.map_of(T.STRING, T.slice_of(T.INT)),
                  T.map_of(T.INT, T.ptr(structs[-1])), boxed, self.iface, self.iface] + self.func_types
        types += [T.INT, T.INT, T.INT, T.STRING, T.ptr(T.INT), T.slice_of(T.slice_of(T.INT))]
        self.types = types

    def field_type(self, types, structs):
        r = self.r
        k = r.random()
        if k < 0.55:
            return r.choice(types)
        if k < 0.7:
            return T.ptr(r.choice(types))
        if k < 0.8:
            return T.slice_of(r.choice(types))
        if k < 0.9:
            return T.array(r.choice([1, 2, 4]), r.choice(types))
        return T.ptr(T.INT)

    def make_methods(self, structs, mine):
        """The interface, and methods of the structs and of the named integer that implement it."""
        r, u = self.r, self.uid
        self.iface = T.iface(f"if_{u}")
        self.code.append(f"type {self.iface} interface {{\n\tGet() int\n\tAdd(n int)\n}}\n")
        self.implementers = []
        for s in structs:
            by_pointer = r.random() < 0.5
            recv = T.ptr(s) if by_pointer else s
            ints = [n for n, t in s.fields if t.kind == "int"]
            get = f"int(x.{ints[0]})" if ints else str(r.randint(1, 99))
            add = f"x.{ints[0]} += {dict(s.fields)[ints[0]]}(n)" if ints else "_ = n"
            self.code.append(f"func (x {recv}) Get() int {{ return {get} }}\n")
            self.code.append(f"func (x {recv}) Add(n int) {{ {add} }}\n")
            self.implementers.append(recv)
        self.code.append(f"func (x {mine}) Get() int {{ return int(x) + 1 }}\n")
        self.code.append(f"func (x {mine}) Add(n int) {{}}\n")
        self.implementers.append(mine)
        self.code.append(f"func isnil_{u}(v {self.iface}) bool {{\n\tswitch x := v.(type) {{\n\tcase nil:\n\t\treturn true")
        for t in self.implementers:
            if t.kind == "ptr":
                self.code.append(f"\tcase {t}:\n\t\treturn x == nil")
        self.code.append("\tdefault:\n\t\t_ = x\n\t}\n\treturn false\n}\n")
        self.code.append(f"func get_{u}(v {self.iface}) (n int) {{\n\tdefer func() {{\n\t\tif recover() != nil {{\n\t\t\tn = -1\n"
                         "\t\t}\n\t}()\n\treturn v.Get()\n}\n")

    def make_globals(self):
        for i in range(self.r.randint(1, 4)):
            t = self.r.choice(self.types)
            name = f"g{i}_{self.uid}"
            self.code.append(f"var {name} {t}\n")
            self.globals.append(Var(name, t))

    def function(self, i, earlier):
        r = self.r
        body = Stmts(self, r)
        body.callable = list(earlier)
        body.budget = r.randint(10, 45)
        name = f"f{i}_{self.uid}"
        params = [r.choice(self.types) for _ in range(r.randint(0, 4))]
        results = [r.choice(self.types) for _ in range(r.randint(1, 3))]
        named = r.random() < 0.5
        ps = [Var(f"p{j}", t) for j, t in enumerate(params)]
        rs = [Var(f"q{j}", t) for j, t in enumerate(results)]
        recursive = r.random() < 0.25
        extra = "rec int" if recursive else ""
        head = ", ".join(([extra] if extra else []) + [f"{p.name} {p.typ}" for p in ps])
        res = ", ".join(f"{q.name} {q.typ}" for q in rs) if named else ", ".join(str(t) for t in results)
        if recursive:
            params = [T.INT] + params
        f = Func(name, params, results)
        body.scopes.append(ps + (rs if named else []) + ([Var("rec", T.INT, False)] if recursive else []))
        body.result = results
        lines = ["\ttick()"]
        if recursive:
            lines += ["\trec &= 7", "\tif rec > 0 {"]
            args = ", ".join(["rec - 1"] + [body.typed(p, 1) for p in params[1:]])
            names = [f"z{j}" for j in range(len(results))]
            lines += [f"\t\t{', '.join(names)} := {name}({args})", f"\t\t{', '.join('_' for _ in names)} = {', '.join(names)}"]
            lines += body.block(2, 0, [Var(n, t) for n, t in zip(names, results)])
            lines += ["\t}"]
        body.scopes.append([])
        while body.budget > 0:
            lines += ["\t" + line for line in body.stmt(3)]
        body.risk = 0
        lines.append("\treturn" if named and r.random() < 0.5 else
                     f"\treturn {', '.join(body.expr(t, 2) for t in results)}")
        self.code.append(f"func {name}({head}) ({res}) {{\n" + "\n".join(lines) + "\n}\n")
        return f


def main_text(uids, bare):
    """The main function: all units, the last without the guard if `bare`."""
    calls = "".join(f"\tbegin({u})\n\trun_{u}()\n" for u in uids)
    tail = "\tw.Flush()\n"
    if bare:
        tail += "\tpanic(fmt.Sprint(\"end \", lines))\n"
    return f"package main\n\nfunc main() {{\n{calls}{tail}}}\n".replace(
        "package main\n\n", "package main\n\nimport \"fmt\"\n\n" if bare else "package main\n\n", 1)
