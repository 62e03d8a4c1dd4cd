"""Large programs, each of one shape: what grows is one thing, so that a step that is worse than linear in it shows.

`program(shape, seed, lines)` gives the text of a main package of about that many lines. The same arguments give the same text.
Programs end by printing a sum over all that they computed; they neither fault nor wait.
"""
import random

OPS = ["+", "-", "*", "^", "&", "|", "&^"]
COMPARE = ["<", "<=", ">", ">=", "==", "!="]


class Text:
    def __init__(self, seed, lines):
        self.random = random.Random(seed)
        self.lines = []
        self.wanted = lines
        self.depth = 0
        self.fresh = 0

    def __call__(self, line=""):
        if line.startswith("}"):
            self.depth -= 1
        self.lines.append("\t" * max(self.depth - (line.startswith("case ") or line == "default:"), 0) + line)
        if line.endswith("{"):
            self.depth += 1

    def name(self, prefix):
        self.fresh += 1
        return f"{prefix}{self.fresh}"

    def more(self, of=1.0):
        return len(self.lines) < self.wanted * of

    def pick(self, names):
        """One of the names, mostly a late one."""
        back = min(int(self.random.expovariate(0.02)), len(names) - 1)
        return names[-1 - back] if self.random.random() < 0.8 else self.random.choice(names)

    def expr(self, names, depth=2):
        r = self.random
        if depth == 0 or r.random() < 0.2:
            return self.pick(names) if r.random() < 0.8 else str(r.randint(1, 1000))
        return f"({self.expr(names, depth - 1)} {r.choice(OPS)} {self.expr(names, depth - 1)})"

    def cond(self, names):
        return f"{self.pick(names)} {self.random.choice(COMPARE)} {self.expr(names, 1)}"


def begin(t):
    t("func main() {")
    t("sum := 1")
    return ["sum"]


def end(t, names):
    for i in range(0, len(names), 8):
        t("sum ^= " + " + ".join(names[i:i + 8]))
    t('println(sum)')
    t("}")


def variables(t):
    """Variables that live long, and branches and loops between them."""
    names = begin(t)
    while t.more():
        kind = t.random.randrange(4)
        if kind == 0:
            v = t.name("v")
            t(f"{v} := {t.expr(names)}")
            names.append(v)
        elif kind == 1:
            t(f"if {t.cond(names)} {{")
            t(f"{t.pick(names)} = {t.expr(names)}")
            t("} else {")
            t(f"{t.pick(names)} += {t.expr(names)}")
            t("}")
        elif kind == 2:
            t(f"for i := range {t.random.randint(1, 5)} {{")
            t(f"{t.pick(names)} += i * {t.pick(names)}")
            t("}")
        else:
            t(f"{t.pick(names)} = {t.expr(names)}")
    end(t, names)


def labels(t):
    """Loops in loops that are left and continued from inside, and jumps forward."""
    names = begin(t)
    while t.more():
        v, label = t.name("v"), t.name("L")
        t(f"{v} := {t.expr(names)}")
        names.append(v)
        depth = t.random.randint(1, 3)
        outer = [t.name("L") for _ in range(depth)]
        for at, l in enumerate(outer):
            t(f"{l}:")
            i = t.name("i")
            t(f"for {i} := 0; {i} < {t.random.randint(2, 4)}; {i}++ {{")
            t(f"{t.pick(names)} += {i}")
        # From the innermost loop to each, so that every label is in use.
        for l in t.random.sample(outer, depth):
            t(f"if {t.cond(names)} {{")
            t(t.random.choice(["continue ", "break "]) + l)
            t("}")
        for _ in outer:
            t("}")
        t(f"if {t.cond(names)} {{")
        t(f"goto {label}")
        t("}")
        t(f"{t.pick(names)} -= 3")
        t(f"{label}:")
        t(f"{t.pick(names)}++")
    end(t, names)


def switches(t):
    """Switches over numbers, strings and types."""
    names = begin(t)
    t("var any1 any = sum")
    t('text := "begin"')
    while t.more():
        kind = t.random.randrange(4)
        cases = t.random.randint(3, 40)
        if kind == 0:
            t(f"switch {t.pick(names)} & 63 {{")
            for c in t.random.sample(range(64), cases):
                t(f"case {c}:")
                t(f"{t.pick(names)} = {t.expr(names)}")
            t("}")
        elif kind == 1:
            t("switch text {")
            for c in t.random.sample(range(200), cases):
                t(f'case "text{c}", "another{c}":')
                t(f'text = "text{t.random.randrange(200)}"')
            t("default:")
            t(f'text = "text{t.random.randrange(200)}"')
            t(f"{t.pick(names)} += len(text)")
            t("}")
        elif kind == 2:
            x = t.name("x")
            t(f"switch {x} := any1.(type) {{")
            for ty in ["int", "uint8", "int16", "uint32"]:
                t(f"case {ty}:")
                t(f"{t.pick(names)} += int({x})")
                t(f"any1 = {t.random.choice(['int', 'uint8', 'int16', 'uint32', 'float64'])}({t.random.randint(1, 99)})")
            t("default:")
            t(f"_ = {x}")
            t("any1 = len(text)")
            t("}")
        else:
            v = t.name("v")
            t(f"{v} := {t.expr(names)}")
            names.append(v)
            t("switch {")
            for _ in range(cases // 3 + 1):
                t(f"case {t.cond(names)}:")
                t(f"{t.pick(names)}--")
                if t.random.random() < 0.3:
                    t(f"{v}++")
            t("}")
    end(t, names)


def selects(t):
    """Channels with a buffer, and selects over them that never wait."""
    names = begin(t)
    chans = []
    while t.more():
        if len(chans) < 4 or t.random.random() < 0.2:
            c = t.name("c")
            t(f"{c} := make(chan int, {t.random.randint(1, 4)})")
            chans.append(c)
            continue
        t("select {")
        for c in t.random.sample(chans, t.random.randint(1, 3)):
            if t.random.random() < 0.5:
                v = t.name("v")
                t(f"case {v}, ok := <-{c}:")
                t("if ok {")
                t(f"{t.pick(names)} += {v}")
                t("}")
            else:
                t(f"case {c} <- {t.expr(names, 1)}:")
                t(f"{t.pick(names)}++")
        t("default:")
        t(f"{t.pick(names)} ^= {t.random.randint(1, 99)}")
        t("}")
        if t.random.random() < 0.3:
            v = t.name("v")
            t(f"{v} := {t.expr(names)}")
            names.append(v)
    for c in chans:
        t(f"sum += len({c})")
    # What selects chose is not the same each time, and so the sum is not printed.
    for i in range(0, len(names), 8):
        t("sum ^= " + " + ".join(names[i:i + 8]))
    t("if sum == 0 {")
    t("sum++")
    t("}")
    t("println(sum/sum)")
    t("}")


def closures(t):
    """Function literals that read and change variables around them, called, kept in slices, nested."""
    names = begin(t)
    t("var kept []func(int) int")
    while t.more():
        v = t.name("v")
        t(f"{v} := {t.expr(names)}")
        names.append(v)
        f = t.name("f")
        t(f"{f} := func(a int) int {{")
        t(f"{t.pick(names)} += a")
        if t.random.random() < 0.5:
            g = t.name("g")
            t(f"{g} := func() int {{")
            t(f"{t.pick(names)}++")
            t(f"return {t.expr(names + ['a'])}")
            t("}")
            t(f"a ^= {g}() + {g}()")
        t(f"if {t.cond(names)} {{")
        t(f"return {t.expr(names + ['a'])}")
        t("}")
        t("return a")
        t("}")
        kind = t.random.randrange(3)
        if kind == 0:
            t(f"kept = append(kept, {f})")
        elif kind == 1:
            t(f"sum += {f}({t.random.randint(1, 9)})")
        else:
            t("func() {")
            t(f"defer func() {{ {t.pick(names)}-- }}()")
            t(f"sum -= {f}(sum)")
            t("}()")
    t("for i, f := range kept {")
    t("sum += f(i)")
    t("}")
    end(t, names)


def literals(t):
    """Composite literals of constants, at package level and in a function, and some of variables."""
    r = t.random
    t("type point struct {")
    t("x, y int")
    t("name string")
    t("next  *point")
    t("}")

    def point(depth=1, inner=None):
        more = f", next: &point{point(depth - 1, inner)}" if depth and r.random() < 0.3 else ""
        x = inner() if inner and r.random() < 0.3 else r.randrange(1000)
        return f'{{x: {x}, y: {r.randrange(1000)}, name: "p{r.randrange(1000)}"{more}}}'

    def fill(opening, element, n, closing="}"):
        t(opening)
        for i in range(n):
            t(element(i) + ",")
        t(closing)

    part = t.wanted // 8
    fill("var points = []point{", lambda i: point(), part)
    fill("var numbers = [...]int{", lambda i: str(r.randrange(1 << 40)), part)
    fill("var names = map[string]int{", lambda i: f'"key{i}": {r.randrange(1000)}', part)
    fill("var matrix = [][]float64{", lambda i: f"{{{r.randrange(100)}.5, {r.randrange(100)}, {r.randrange(100)}}}", part)
    begin(t)
    t("k := sum + 2")
    fill("local := []point{", lambda i: point(1, lambda: f"k + {r.randrange(9)}"), part)
    fill("floats := [...]float64{", lambda i: f"{r.randrange(100)}.25", part)
    fill("byNumber := map[int]string{", lambda i: f'{i}: "v{r.randrange(1000)}"', part)
    fill("anys := []any{", lambda i: r.choice([f"{i}", f'"s{i}"', "k", f"point{{x: k, y: {i}}}", "nil"]), part)
    t("for i := range local {")
    t("sum += local[i].x*points[i].y + numbers[i] + len(byNumber[i]) + int(floats[i])")
    t("if p, ok := anys[i].(point); ok {")
    t("sum += p.x + p.y")
    t("}")
    t("}")
    t("sum += len(matrix) + names[\"key7\"]")
    end(t, [])


def functions(t):
    """Many small functions that call those before them."""
    names = []
    while t.more(0.9):
        f = t.name("f")
        t(f"func {f}(a, b int) (int, error) {{")
        t(f"if {t.cond(['a', 'b'])} {{")
        t(f"return {t.expr(['a', 'b'])}, nil")
        t("}")
        for _ in range(t.random.randint(0, 2)):
            if names:
                t(f"if c, err := {t.pick(names)}(a>>1, {t.expr(['a', 'b'], 1)}); a > 1<<40 && err == nil {{")
                t("b += c")
                t("}")
        t(f"for i := range {t.random.randint(1, 4)} {{")
        t("a += b ^ i")
        t("}")
        t("return a, nil")
        t("}")
        t()
        names.append(f)
    begin(t)
    # Those at the end call others that call others; what is at the beginning runs in no time.
    for f in names[:40]:
        t(f"if n, err := {f}(sum, {t.random.randint(1, 9)}); err == nil {{")
        t("sum += n")
        t("}")
    t("if sum == 12345 {")
    for f in names[40:]:
        t(f"{f}(sum, 1)")
    t("}")
    end(t, [])


def methods(t):
    """Many types with methods, generic ones too, called directly and through interfaces."""
    t("type shape interface {")
    t("area(k int) int")
    t("grow(k int) shape")
    t("}")
    t()
    t("type pair[T any] struct {")
    t("a, b T")
    t("}")
    t()
    t("func (p pair[T]) swap() pair[T] { return pair[T]{p.b, p.a} }")
    t()
    names = []
    while t.more(0.85):
        n = t.name("T")
        base = t.pick(names) if names and t.random.random() < 0.3 else None
        t(f"type {n} struct {{")
        t("x, y int")
        t(f"list {t.random.choice(['[]int', 'map[string]int', '*' + n, 'pair[*' + n + ']'])}")
        if base:
            t(f"in{base} {base}")
        t("}")
        t()
        t(f"func (s *{n}) area(k int) int {{")
        t(f"return {t.expr(['s.x', 's.y', 'k'])}")
        t("}")
        t()
        t(f"func (s *{n}) grow(k int) shape {{")
        t(f"c := *s")
        t("c.x += k")
        if base:
            t(f"c.in{base}.x += c.in{base}.area(k)")
        t("return &c")
        t("}")
        t()
        names.append(n)
    begin(t)
    t("var shapes []shape")
    for n in names:
        t(f"shapes = append(shapes, &{n}{{x: {t.random.randrange(100)}, y: sum}})")
        if t.random.random() < 0.3:
            t(f"sum += pair[{n}]{{a: {n}{{x: 4}}}}.swap().b.x")
    t("for i, s := range shapes {")
    t("sum += s.grow(i).area(sum)")
    t("}")
    end(t, [])


def expressions(t):
    """Deep expressions of numbers, floats and strings."""
    names = begin(t)
    t("f := 1.5")
    t('text := "x"')
    while t.more():
        kind = t.random.randrange(4)
        if kind == 0:
            v = t.name("v")
            t(f"{v} := {t.expr(names, 6)}")
            names.append(v)
        elif kind == 1:
            parts = " + ".join(f"float64({t.pick(names)}&15)*{t.random.randint(1, 9)}.5" for _ in range(12))
            t(f"f = f/2 + {parts}")
        elif kind == 2:
            parts = " + ".join(t.random.choice(['"a"', '"bc"', "text[:1]", 'string(rune(65 + sum&15))']) for _ in range(10))
            t(f"text = {parts}")
            t("sum += len(text)")
        else:
            cond = " && ".join(f"({t.cond(names)} || {t.cond(names)})" for _ in range(6))
            t(f"if {cond} {{")
            t(f"sum += {t.expr(names, 4)}")
            t("}")
    t("sum += int(f) + len(text)")
    end(t, names)


def mixed(t):
    """All in one main: slices, maps, pointers, strings, closures, labels, switches, deferred calls."""
    names = begin(t)
    t("list := make([]int, 16)")
    t("table := map[int]int{}")
    t("type node struct {")
    t("value int")
    t("next  *node")
    t("}")
    t("var head *node")
    t('text := "text"')
    t("var face any")
    while t.more():
        kind = t.random.randrange(11)
        if kind == 0:
            v = t.name("v")
            t(f"{v} := {t.expr(names)}")
            names.append(v)
        elif kind == 1:
            t(f"list[{t.pick(names)}&15] = {t.expr(names)}")
            t(f"{t.pick(names)} += list[{t.random.randrange(16)}]")
        elif kind == 2:
            t(f"table[{t.pick(names)}&31] += {t.expr(names, 1)}")
            t(f"if n, ok := table[{t.random.randrange(32)}]; ok {{")
            t(f"{t.pick(names)} ^= n")
            t("}")
        elif kind == 3:
            t(f"head = &node{{{t.expr(names, 1)}, head}}")
            t("if head.next != nil {")
            t(f"{t.pick(names)} += head.next.value")
            t("head = head.next")
            t("}")
        elif kind == 4:
            p = t.name("p")
            t(f"{p} := &{t.pick(names)}")
            t(f"*{p} += {t.expr(names, 1)}")
        elif kind == 5:
            t("func() {")
            t("defer func() {")
            t("if e := recover(); e != nil {")
            t(f"{t.pick(names)}++")
            t("}")
            t("}()")
            t(f"if {t.cond(names)} {{")
            t('panic("some")')
            t("}")
            t(f"{t.pick(names)} -= 2")
            t("}()")
        elif kind == 6:
            label, i = t.name("L"), t.name("i")
            t(f"{label}:")
            t(f"for {i} := range list {{")
            t(f"switch list[{i}] & 3 {{")
            t("case 0:")
            t(f"continue {label}")
            t("case 1:")
            t(f"{t.pick(names)} += {i}")
            t("default:")
            t(f"break {label}")
            t("}")
            t("}")
        elif kind == 7:
            t(f"text = text[len(text)/2:] + string(rune('a'+{t.pick(names)}&15))")
            t("for _, r := range text {")
            t(f"{t.pick(names)} += int(r)")
            t("}")
        elif kind == 8:
            t(f"face = {t.random.choice(['text', t.pick(names), 'head', 'list'])}")
            t("if n, ok := face.(int); ok {")
            t(f"{t.pick(names)} += n")
            t("}")
        elif kind == 9:
            t(f"list = append(list[:8:8], {t.expr(names, 1)}, 1, 2, 3, 4, 5, 6, 7, {t.pick(names)})")
            t(f"copy(list[{t.random.randrange(8)}:], list[4:])")
        else:
            f = t.name("f")
            t(f"{f} := func(a int) int {{ {t.pick(names)} += a; return {t.expr(names + ['a'], 1)} }}")
            t(f"sum += {f}({t.random.randint(1, 99)})")
    end(t, names)


SHAPES = {f.__name__: f for f in [variables, labels, switches, selects, closures, literals, functions, methods, expressions, mixed]}


def program(shape, seed, lines):
    """The text of a program."""
    t = Text(f"{shape} {seed}", lines)
    t("package main")
    t()
    SHAPES[shape](t)
    return "\n".join(t.lines) + "\n"
