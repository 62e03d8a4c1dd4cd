"""Cases of `cache.py`: what is kept of single functions."""
import random
import re
import shutil
import sys
from pathlib import Path

from cache_place import case


@case
def functions(p):
    main = "package main\n\nimport \"strconv\"\n\nfunc main() { print(strconv.Quote(%s)); f(1) }\n\nfunc f(n int) { if n < 0 { panic(text) } }\n"
    p.write("main.go", main % "text")
    p.build(hit=False)
    before = sum(f.stat().st_size for f in p.entries("c"))
    # Other lines, other names, other code; what tracebacks show of lines must be as without the cache.
    for text in ("text + text", "\n\n\ttext", "text[1:]", "text"):
        p.write("main.go", main % text)
        p.build()
    p.write("main.go", (main % "text").replace("f(", "g("))
    p.build(hit=False)
    assert before and sum(f.stat().st_size for f in p.entries("c")) < 1.5 * before
    p.build("-a", hit=False)
    p.build("-passes-off", "inline", hit=False)


@case
def intermediate_form(p):
    """`-dump-ir` writes all of it, whatever the cache holds, to a folder that need not exist."""
    def dump(name, *flags, env={}):
        folder = p.top / "ir" / name
        done = p.gort_("build", "-dump-ir", str(folder), "-o", str(p.top / name), *flags, env=env)
        assert done.returncode == 0, done.stderr
        return {f.name: f.read_text() for f in folder.iterdir()}

    p.write("main.go", "package main\n\nfunc main() { print(f(text)) }\n\n//go:noinline\nfunc f(s string) int { return len(s) + 1 }\n")
    first = dump("first")
    assert "main.f" in first["main.ir"], sorted(first)
    p.build(hit=False)
    # Another function is new, the others come from the cache.
    p.text("two")
    p.build(hit=False)
    plain = dump("plain", "-a", env={"GORT_CACHE": str(p.top / "other")})
    assert dump("again") == plain
    assert (p.top / "again").read_bytes() == (p.top / "plain").read_bytes()
    p.build(hit=True)
    (p.top / "file").write_text("")
    done = p.gort_("build", "-dump-ir", str(p.top / "file"))
    assert done.returncode == 1 and "file" in done.stderr, done.stderr


@case
def passes(p):
    """An edit is felt in all functions where it can be seen, and what was found out before comes again."""
    p.write("leaf/leaf.go", "package leaf\n")
    p.write("middle/middle.go", """package middle

import "m/leaf"

type T struct { p *int; s leaf.Shape }

func Use(n int) int {
	x := n
	leaf.Look(&x)
	t := T{&x, leaf.Make(n)}
	f := func(k int) int { return leaf.Small(k) + t.s.Area() + *t.p }
	return leaf.Each(f, n) + leaf.Tree(n)
}
""")
    p.write("main.go", "package main\n\nimport \"m/middle\"\n\nfunc main() { println(text, middle.Use(5)) }\n")
    leaf = """package leaf

type Shape interface{{ Area() int }}

type square struct{{ a int }}

func (s square) Area() int {{ return s.a * {area} }}

func Make(n int) Shape {{ return {make} }}

var kept *int

//go:noinline
func Look(p *int) {{ {look} }}

func Small(n int) int {{ {small} }}

func Each(f func(int) int, n int) (sum int) {{
	for i := range n {{ {each} }}
	return
}}

func Tree(n int) int {{
	if n < 2 {{ return {base} }}
	return Tree(n-1) + {other}(n-2)
}}

func Wood(n int) int {{ return Tree(n) + 1 }}
"""
    first = dict(area="s.a", make="square{n}", look="*p++", small="return n + 1", each="sum += f(i)", base="n", other="Tree")
    edits = [dict(small="return n + 2"), dict(look="kept = p"), dict(area="3"), dict(make="&square{n}"), dict(base="n + 1"),
             dict(other="Wood"), dict(each='defer func() { sum += f(i) }()'), dict(small='print("a string\\n"); return n')]
    seen = set()
    for edit in [{}, *edits, {}, *edits[::-1], {}]:
        p.write("leaf/leaf.go", leaf.format(**{**first, **edit}))
        seen.add(p.build())
        if edit:
            p.write("leaf/leaf.go", "\n" + leaf.format(**{**first, **edit}))
            p.build()
    assert len(seen) > 5, seen
    assert p.entries("p")


@case
def generated(p):
    """Programs of the generator, of which a few units come and go, and a number changes here and there."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fuzz/programs"))
    from generator import PRELUDE, Unit, main_text
    rng = random.Random(1927)
    p.write("prelude.go", PRELUDE)
    (p.dir / "text.go").unlink()
    units = {}
    for step in range(8):
        if step % 2 == 0:
            for n in range(4 if not step else 2):
                uid = rng.randrange(4) if step else n
                units[uid] = Unit(rng.randrange(1 << 30), uid).text
        else:
            uid = rng.choice(sorted(units))
            numbers = list(re.finditer(r"(?<![\w.\"'`\\])[2-9](?![\w.\"'`])", units[uid]))
            at = rng.choice(numbers).start() if numbers else None
            if at is not None:
                units[uid] = units[uid][:at] + str(rng.randrange(2, 10)) + units[uid][at + 1:]
        for uid, text in units.items():
            p.write(f"unit{uid}.go", text)
        p.write("main.go", main_text(sorted(units), False))
        # A number may have been a length, or a case that is there already.
        if p.gort_("build", "-o", str(p.top / "out"), ".").returncode == 0:
            p.build()


@case
def same_bytes(p):
    """Cold or warm, with one thread or many. Struct types of different packages with one string come in one order."""
    n = 12
    for i in range(n):
        p.write(f"p{i}/p.go", f"package p{i}\n\nvar V any = struct{{ a, b int }}{{{i}, 1}}\n")
    imports = "".join(f"\t\"m/p{i}\"\n" for i in range(n))
    uses = "".join(f"\tprint(p{i}.V == nil)\n" for i in range(n))
    p.write("main.go", f"package main\n\nimport (\n{imports})\n\nfunc main() {{\n{uses}\tprintln(text)\n}}\n")
    made = set()
    for i in range(10):
        env = {"GORT_CACHE": str(p.top / "other")} if i % 2 else {}
        p.build("-p", str(1 + i % 5), *(["-a"] if i < 4 else []), env=env, check=False)
        made.add((p.top / "out").read_bytes())
        shutil.rmtree(p.top / "other/build", ignore_errors=True)
    assert len(made) == 1, f"{len(made)} different executables"
