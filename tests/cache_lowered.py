"""Cases of `cache.py`: what lowering made of functions and data of packages that have not changed."""
import random

from cache_place import case

LEAF = """package leaf

import (
	_ "embed"
	"errors"
	"fmt"
)

//go:embed text.txt
var Embedded string

var Version = "none"

var copied = Version

type Shape interface {
	Area() int
	fmt.Stringer
}

type Square struct{ Side int }

func (s Square) Area() int { return s.Side * s.Side }

func (s *Square) Grow(by int) { s.Side += by }

func (s Square) String() string { return fmt.Sprintf("square %d", s.Side) }

type Framed struct {
	*Square
	edge int
}

func (f Framed) Edge() int { return f.edge }

var names = map[string]func(int) Shape{
	"square": func(n int) Shape { return Square{n} },
	"framed": func(n int) Shape { return Framed{&Square{n}, 1} },
}

var other = map[string]int{"a": 1, "b": 2}

func Named(name string, n int) (Shape, error) {
	f := names[name]
	if f == nil {
		return nil, errors.New("no " + name)
	}
	return f(n), nil
}

func Other(k string) int { return other[k] }

func Local(n int) any {
	type pair struct{ A, B int }
	return pair{n, n + 1}
}

func Each[T any](list []T, f func(int, T) bool) (n int) {
	defer func() { n++ }()
	for i, v := range list {
		if f(i, v) {
			n++
		}
	}
	return
}

type Stack[T comparable] struct{ items []T }

func (s *Stack[T]) Push(v T) { s.items = append(s.items, v) }

func (s *Stack[T]) Has(v T) bool {
	return Each(s.items, func(_ int, w T) bool { return v == w }) > 1
}

func Said() string { return Embedded + Version + copied }
"""

MIDDLE = """package middle

import (
	"m/leaf"
	"strings"
)

type Row struct{ Name string; N int }

func Ints() *leaf.Stack[int] { s := new(leaf.Stack[int]); s.Push(3); return s }

func Rows(n int) *leaf.Stack[Row] { s := new(leaf.Stack[Row]); s.Push(Row{"r", n}); return s }

func Area(s leaf.Shape) int { return s.Area() }

func Edges(v any) int {
	if e, ok := v.(interface{ Edge() int }); ok {
		return e.Edge()
	}
	return -1
}

func Shout(s string) string { return strings.ToUpper(s) }
"""

# What main does, each for itself: the rest of the program asks for other things each time.
USES = [
    'fmt.Println(leaf.Named("square", 3))',
    'fmt.Println(leaf.Named("none", 3))',
    's, _ := leaf.Named("framed", 4); fmt.Println(middle.Area(s), middle.Edges(s), s)',
    'fmt.Println(leaf.Other("b"))',
    'fmt.Printf("%v %T\\n", leaf.Local(5), leaf.Local(6))',
    'fmt.Println(middle.Ints().Has(3), middle.Rows(1).Has(middle.Row{"r", 1}))',
    'type key struct{ a, b string }; s := new(leaf.Stack[key]); s.Push(key{"x", "y"}); fmt.Println(s.Has(key{"x", "y"}))',
    'fmt.Println(leaf.Each([]string{"a", "b"}, func(i int, s string) bool { return s == "b" }))',
    'q := &leaf.Square{Side: 1}; grow := q.Grow; grow(2); f := (*leaf.Square).Area; fmt.Println(q, f(q))',
    'fmt.Println(middle.Shout("loud"), leaf.Said())',
    'v := reflect.ValueOf(leaf.Framed{}); fmt.Println(v.Type().NumMethod(), v.Type().Method(0).Name)',
    'slices.SortFunc([]middle.Row{{"b", 1}, {"a", 2}}, func(a, b middle.Row) int { return strings.Compare(a.Name, b.Name) })',
    'var e interface{ Edge() int } = leaf.Framed{}; fmt.Println(e.Edge(), maps.Keys(map[middle.Row]int{{"k", 1}: 2}) != nil)',
]


def main_text(rng):
    uses = [f"\tfunc() {{ {u} }}()\n" for u in USES if rng.random() < 0.5]
    body = "".join(uses)
    imports = [i for i in ("fmt", "maps", "reflect", "slices", "strings") if f"{i}." in body]
    imports += [f"m/{i}" for i in ("leaf", "middle") if f"{i}." in body]
    lines = "".join(f'\t"{i}"\n' for i in imports)
    return f"package main\n\nimport (\n{lines})\n\nfunc main() {{\n\tprintln(text)\n{body}}}\n"


@case
def lowered(p):
    """Main asks other things of the same packages each time; then these change in turn, or lose what was kept of them."""
    rng = random.Random(27)
    p.write("leaf/leaf.go", LEAF)
    p.write("leaf/text.txt", "embedded ")
    p.write("middle/middle.go", MIDDLE)
    for _ in range(3):
        p.write("main.go", main_text(rng))
        p.build()
    before = len(p.entries("l"))
    assert before > 20, before
    p.build("-ldflags=-X m/leaf.Version=two -X runtime.buildVersion=x")
    p.build("-trimpath")
    # A package alone, of which nothing is dropped at the end.
    for n in range(3):
        p.write("alone/alone.go", f"package alone\n\nimport \"fmt\"\n\nfunc Print(b byte) {{ fmt.Println(b, {n}) }}\n")
        done = p.gort_("build", "./alone", "m/leaf")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    edits = [(LEAF, "leaf", "s.Side * s.Side", "s.Side + 1"), (MIDDLE, "middle", "return -1", "return -2"),
             (LEAF, "leaf", '"b": 2', '"b": 3'), (MIDDLE, "middle", "N int }", "N int; more [3]string }"),
             (LEAF, "leaf", "type pair struct{ A, B int }", "type one struct{}\n\ttype pair struct{ B, A int }\n\tprint(any(one{}) == nil)")]
    for text, name, old, new in edits:
        assert old in text
        p.write(f"{name}/{name}.go", text.replace(old, new).replace("Row{\"r\", n}", "Row{Name: \"r\", N: n}"))
        p.write("main.go", main_text(rng).replace('Row{"r", 1}', 'Row{Name: "r"}').replace('{"b", 1}, {"a", 2}', '').replace(
            '{{"k", 1}: 2}', '{}'))
        p.build()
        p.write(f"{name}/{name}.go", text)
        p.write("leaf/text.txt", f"embedded {name} ")
    for _ in range(2):
        kept = p.entries("l")
        for file in rng.sample(kept, len(kept) // 4):
            file.unlink()
        p.write("main.go", main_text(rng))
        p.build()
