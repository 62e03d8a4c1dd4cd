"""Random statements, as lists of lines whose braces open and close at line ends (the reducer relies on it).

Calls that may change variables stand alone: `v := f(args)` with arguments that have no effect.
"""
import gotypes as T
from exprs import Exprs, Var


class Stmts(Exprs):
    """Writes the body of one function of a unit."""

    def __init__(self, unit, r):
        self.unit = unit
        self.r = r
        self.scopes = [list(unit.globals)]
        self.risk = 0
        self.count = 0
        self.loops = []       # innermost last: (label or None, is a loop)
        self.callable = []    # declared functions that may be called
        self.result = None
        self.calls = True
        self.in_closure = 0
        self.budget = 60

    def name(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def declare(self, name, typ, assignable=True):
        self.scopes[-1].append(Var(name, typ, assignable))

    def block(self, n, depth, extra=()):
        """A block of statements in a scope of its own, indented."""
        self.scopes.append(list(extra))
        lines = []
        for _ in range(n):
            if self.budget <= 0:
                break
            lines += self.stmt(depth)
        self.scopes.pop()
        return ["\t" + line for line in lines]

    def size(self):
        return self.r.randint(1, 4)

    def stmt(self, depth):
        r = self.r
        self.budget -= 1
        self.risk = 1
        simple = [self.new_var] * 6 + [self.assign] * 5 + [self.op_assign] * 3 + [self.show] * 2 + [
            self.element_assign] * 3 + [self.append_stmt] * 2 + [self.multi_assign, self.delete, self.incdec,
            self.closure_var, self.closure_call, self.method_value, self.copy_stmt, self.clobber, self.builtin_min,
            self.map_ok, self.store_ptr, self.clear_stmt, self.interface_call, self.list_build, self.convert_array]
        if self.calls:
            simple += [self.call_func] * 3
        nested = [self.if_stmt] * 4 + [self.for_stmt] * 3 + [self.range_stmt] * 4 + [self.switch_stmt] * 2 + [
            self.type_switch, self.func_range, self.defer_stmt, self.bare_block, self.inline_func, self.channel_stmt,
            self.goroutines, self.guarded, self.clear_loop, self.string_range]
        if self.loops:
            nested += [self.leave] * 2
        if self.result is not None:
            nested += [self.early_return]
        if depth > 0 and r.random() < 0.45:
            lines = r.choice(nested)(depth - 1)
        else:
            lines = r.choice(simple)()
        return lines if lines is not None else self.new_var()

    # --- simple ---------------------------------------------------------------------------

    def new_var(self):
        r = self.r
        t = r.choice(self.unit.types)
        name = self.name("v")
        k = r.random()
        if k < 0.15:
            lines = [f"var {name} {t}"]
        elif k < 0.5:
            lines = [f"var {name} {t} = {self.expr(t, 2)}"]
        else:
            lines = [f"{name} := {self.typed(t, 2)}"]
        self.declare(name, t)
        return lines + [f"_ = {name}"]

    def target(self):
        """Something assignable and its type; index operands have no effect."""
        r = self.r
        found = self.all_vars(lambda v: v.assignable)
        if not found:
            return None
        v = r.choice(found)
        text, t = v.name, v.typ
        for _ in range(2):
            if r.random() < 0.3:
                break
            if t.kind == "struct":
                fn, ft = r.choice(t.fields)
                text, t = f"{text}.{fn}", ft
            elif t.kind == "array":
                text, t = f"{text}[{self.index(t.n)}]", t.elem
            elif t.kind == "ptr" and t.elem.kind == "struct":
                fn, ft = r.choice(t.elem.fields)
                text, t = f"deref2({text}).{fn}", ft
        return text, t

    def assign(self):
        found = self.target()
        if not found:
            return None
        text, t = found
        return [f"{text} = {self.expr(t, 2)}"]

    def op_assign(self):
        found = self.target()
        if not found or found[1].kind not in ("int", "float", "string"):
            return None
        text, t = found
        if t.kind == "string":
            return [f"{text} += {self.nonconst(t, 1)}", f"{text} = lim({text})"]
        if t.kind == "float":
            return [f"{text} {self.r.choice(['+=', '-=', '*='])} {self.expr(t, 1)}"]
        op = self.r.choice(["+=", "-=", "*=", "^=", "|=", "&=", "&^=", "<<=", ">>=", "/=", "%="])
        if op in ("<<=", ">>="):
            return [f"{text} {op} {self.nonconst(T.basic('uint8'), 0)}"]
        if op in ("/=", "%="):
            return [f"{text} {op} ({self.nonconst(t, 0)} | 1)"]
        return [f"{text} {op} {self.expr(t, 1)}"]

    def incdec(self):
        found = self.target()
        if not found or found[1].kind not in ("int", "float"):
            return None
        return [found[0] + self.r.choice(["++", "--"])]

    def multi_assign(self):
        """Nothing may panic: official Go may have assigned to one variable by then."""
        self.risk = 0
        found = [self.target() for _ in range(2)]
        if not all(found):
            return None
        (a, ta), (b, tb) = found
        if self.r.random() < 0.5 and ta == tb and a.isidentifier() and b.isidentifier():
            return [f"{a}, {b} = {b}, {a}"] if a != b else None
        if not (a.isidentifier() and b.isidentifier()):
            return None
        return [f"{a}, {b} = {self.expr(ta, 1)}, {self.expr(tb, 1)}"]

    def show(self):
        found = self.all_vars(lambda v: True)
        if not found:
            return None
        v = self.r.choice(found)
        return [f"out(\"{v.name}\", {self.unit.show.call(v.typ, v.name)})"]

    def element_assign(self):
        found = self.all_vars(lambda v: v.typ.kind in ("slice", "map") or
                              v.typ.kind == "ptr" and v.typ.elem.kind == "array")
        if not found:
            return None
        v = self.r.choice(found)
        t = v.typ
        if t.kind == "ptr":
            return [f"if {v.name} != nil {{", f"\t{v.name}[{self.index(t.elem.n)}] = {self.expr(t.elem.elem, 1)}", "}"]
        if t.kind == "slice":
            i = f"mod({self.nonconst(T.INT, 0)}, len({v.name}))"
            return [f"if len({v.name}) > 0 {{", f"\t{v.name}[{i}] = {self.expr(t.elem, 1)}", "}"]
        assign = f"{v.name}[{self.expr(t.key, 1)}] = {self.expr(t.elem, 1)}"
        if self.r.random() < 0.05:
            return [assign]
        return [f"if {v.name} != nil && len({v.name}) < 40 {{", f"\t{assign}", "}"]

    def append_stmt(self):
        """The capacity that append gives is nobody's business."""
        found = self.all_vars(lambda v: v.typ.kind == "slice" and v.assignable)
        if not found:
            return None
        v = self.r.choice(found)
        k = self.r.random()
        if k < 0.2:
            what = f"{self.expr(v.typ, 1)}..."
        elif k < 0.3:
            what = f"make({v.typ}, {self.small_int()})..."
        else:
            what = ", ".join(self.expr(v.typ.elem, 1) for _ in range(self.r.randint(1, 3)))
        return [f"if len({v.name}) < 50 {{", f"\t{v.name} = append(clip({v.name}), {what})",
                f"\t{v.name} = clip({v.name})", "}"]

    def delete(self):
        found = self.all_vars(lambda v: v.typ.kind == "map")
        if not found:
            return None
        v = self.r.choice(found)
        return [f"delete({v.name}, {self.expr(v.typ.key, 1)})"]

    def clear_stmt(self):
        found = self.all_vars(lambda v: v.typ.kind in ("map", "slice"))
        if not found or self.r.random() < 0.6:
            return None
        return [f"clear({self.r.choice(found).name})"]

    def copy_stmt(self):
        found = self.all_vars(lambda v: v.typ.kind == "slice")
        if not found:
            return None
        v = self.r.choice(found)
        n = self.name("n")
        lines = [f"{n} := copy({v.name}, {self.expr(v.typ, 1)})", f"_ = {n}"]
        self.declare(n, T.INT)
        return lines

    def clobber(self):
        return [f"clobber({self.r.randint(1, 6)})"]

    def builtin_min(self):
        t = self.r.choice([T.F64, T.INT, T.STRING])
        n = self.name("m")
        line = f"{n} := {self.r.choice(['min', 'max'])}({self.nonconst(t, 1)}, {self.nonconst(t, 0)})"
        self.declare(n, t)
        return [line, f"_ = {n}"]

    def map_ok(self):
        found = self.all_vars(lambda v: v.typ.kind == "map")
        if not found:
            return None
        v = self.r.choice(found)
        a, ok = self.name("e"), self.name("ok")
        lines = [f"{a}, {ok} := {v.name}[{self.expr(v.typ.key, 1)}]", f"_, _ = {a}, {ok}"]
        self.declare(a, v.typ.elem)
        self.declare(ok, T.BOOL)
        return lines

    def store_ptr(self):
        """The address of a local variable goes somewhere."""
        found = self.all_vars(lambda v: v.typ.kind == "ptr" and v.assignable)
        if not found:
            return None
        v = self.r.choice(found)
        e = self.address(v.typ, 0)
        return [f"{v.name} = {e}"] if e else None

    def closure(self, t, depth):
        """A function literal on one line."""
        names = [self.name("a") for _ in t.params]
        self.scopes.append([Var(n, p) for n, p in zip(names, t.params)])
        head = f"func({', '.join(f'{n} {p}' for n, p in zip(names, t.params))}) {t.result or ''}"
        body = f"{{ return {self.expr(t.result, 1)} }}" if t.result else "{}"
        self.scopes.pop()
        return f"{head} {body}"

    def closure_var(self):
        """A closure with a body of its own, which may assign to what it captures."""
        t = self.r.choice(self.unit.func_types)
        name = self.name("f")
        params = [Var(self.name("a"), p) for p in t.params]
        lines = [f"{name} := func({', '.join(f'{p.name} {p.typ}' for p in params)}) {t.result} {{", "\ttick()"]
        lines += self.closed(lambda: self.block(self.size(), 1, params), t.result)
        lines += [f"\treturn {self.in_scope(params, lambda: self.expr(t.result, 1))}", "}", f"_ = {name}"]
        self.declare(name, t)
        return lines

    def in_scope(self, variables, write):
        self.scopes.append(list(variables))
        text = write()
        self.scopes.pop()
        return text

    def closed(self, write, result):
        """Write statements that stand in a function of their own."""
        saved = self.loops, self.result, self.in_closure
        self.loops, self.result = [], result
        self.in_closure += 1
        lines = write()
        self.loops, self.result, self.in_closure = saved
        return lines

    def closure_call(self):
        found = self.all_vars(lambda v: v.typ.kind == "func")
        if not found:
            return None
        v = self.r.choice(found)
        n = self.name("c")
        args = ", ".join(self.expr(p, 1) for p in v.typ.params)
        lines = [f"tick()", f"var {n} {v.typ.result}", f"if {v.name} != nil {{", f"\t{n} = {v.name}({args})", "}",
                 f"_ = {n}"]
        self.declare(n, v.typ.result)
        return lines

    def method_value(self):
        found = self.all_vars(lambda v: v.typ in self.unit.implementers and (v.assignable or v.typ.kind == "ptr"))
        if not found:
            return None
        v = self.r.choice(found)
        n = self.name("mv")
        self.declare(n, T.INT)
        if self.r.random() < 0.5:
            f = f"get_{self.unit.uid}"
            return [f"{n}f := {f}", f"{n} := {n}f({self.unit.iface}({v.name}))", f"_ = {n}"]
        if v.typ.kind == "ptr":
            return [f"{n} := 0", f"if {v.name} != nil {{", f"\t{n}f := {v.name}.Get", f"\t{n} = {n}f()", "}", f"_ = {n}"]
        return [f"{n}f := {v.name}.Get", f"{n} := {n}f()", f"_ = {n}"]

    def interface_call(self):
        found = self.all_vars(lambda v: v.typ.kind == "iface")
        if not found:
            return None
        v = self.r.choice(found)
        n = self.name("ic")
        lines = [f"{n} := 0", f"if !isnil_{self.unit.uid}({v.name}) {{", f"\t{v.name}.Add({self.nonconst(T.INT, 0)})",
                 f"\t{n} = {v.name}.Get()", "}", f"_ = {n}"]
        self.declare(n, T.INT)
        return lines

    def call_func(self):
        if not self.callable:
            return None
        f = self.r.choice(self.callable)
        n = self.name("r")
        args = ", ".join(self.typed(p, 2) for p in f.params)
        results = [f"{n}_{i}" for i in range(len(f.results))]
        lines = [f"{', '.join(results)} := {f.name}({args})", f"{', '.join('_' for _ in results)} = {', '.join(results)}"]
        for name, t in zip(results, f.results):
            self.declare(name, t)
        return lines

    def list_build(self):
        """A linked list, built and walked."""
        n, s = self.name("l"), self.name("s")
        lines = [f"var {n} *node", f"for i := 0; i < {self.small_int()}; i++ {{",
                 f"\t{n} = &node{{next: {n}, val: {self.nonconst(T.INT, 1)} + i}}", "}", f"{s} := 0",
                 f"for e := {n}; e != nil; e = e.next {{", f"\t{s} = {s}*3 + e.val", "}"]
        self.declare(s, T.INT)
        return lines

    def convert_array(self):
        found = self.all_vars(lambda v: v.typ.kind == "slice")
        if not found:
            return None
        v = self.r.choice(found)
        n = self.name("ca")
        if self.r.random() < 0.1:
            lines = [f"{n} := [2]{v.typ.elem}({v.name})", f"_ = {n}"]
        else:
            lines = [f"var {n} [2]{v.typ.elem}", f"if len({v.name}) >= 2 {{", f"\t{n} = [2]{v.typ.elem}({v.name})", "}"]
        self.declare(n, T.array(2, v.typ.elem))
        return lines + [f"_ = {n}"]

    # --- nested ---------------------------------------------------------------------------

    def if_stmt(self, depth):
        r = self.r
        if r.random() < 0.25:
            t = r.choice(self.unit.scalars)
            n = self.name("w")
            head = f"if {n} := {self.typed(t, 1)}; {self.in_scope([Var(n, t)], lambda: self.compare_var(n, t))} {{"
            extra = [Var(n, t)]
        else:
            head, extra = f"if {self.nonconst(T.BOOL, 2)} {{", []
        lines = [head] + self.block(self.size(), depth, extra)
        if r.random() < 0.5:
            lines += ["} else {"] + self.block(self.size(), depth, extra)
        return lines + ["}"]

    def compare_var(self, n, t):
        if t.kind == "bool":
            return n
        return f"{n} {self.r.choice(['<', '>=', '==', '!='])} {self.expr(t, 0)}"

    def loop(self, head, extra, depth, label_ok=True):
        label = self.name("L") if label_ok and self.r.random() < 0.3 else None
        self.loops.append((label, True))
        uses = [f"\t_ = {v.name}" for v in extra]
        body = ["\ttick()"] + uses + self.block(self.size(), depth, extra)
        self.loops.pop()
        lines = [head] + body + ["}"]
        if label and any(label == word for line in body for word in line.split()):
            lines.insert(0, f"{label}:")
        return lines

    def for_stmt(self, depth):
        r = self.r
        i = self.name("i")
        k = r.random()
        var = Var(i, T.INT, False)
        if k < 0.4:
            head = f"for {i} := 0; {i} < {r.randint(1, 6)}; {i}++ {{"
        elif k < 0.6:
            head = f"for {i} := {self.small_int()}; {i} >= 0; {i} -= {r.randint(1, 3)} {{"
        elif k < 0.85:
            head = f"for {i} := range {self.small_int()} {{"
        else:
            t = T.basic(r.choice(["int8", "uint8", "int64", "uint16"]))
            var = Var(i, t, False)
            head = f"for {i} := range {t}({r.randint(1, 5)}) {{"
        return self.loop(head, [var], depth)

    def range_stmt(self, depth):
        found = self.all_vars(lambda v: v.typ.kind in ("slice", "array") or
                              v.typ.kind == "ptr" and v.typ.elem.kind == "array")
        if not found:
            return None
        v = self.r.choice(found)
        i, e = self.name("i"), self.name("e")
        t = v.typ.elem if v.typ.kind != "ptr" else v.typ.elem.elem
        pre = []
        name = v.name
        if v.typ.kind == "ptr":
            name = f"deref2({v.name})"
        k = self.r.random()
        if k < 0.3:
            return pre + self.loop(f"for {i} := range {name} {{", [Var(i, T.INT, False)], depth)
        lines = self.loop(f"for {i}, {e} := range {name} {{", [Var(i, T.INT, False), Var(e, t)], depth, False)
        return pre + lines

    def string_range(self, depth):
        i, e = self.name("i"), self.name("e")
        s = self.nonconst(T.STRING, 1)
        if self.r.random() < 0.3:
            s = f"[]byte({s})"
            et = T.basic("uint8")
        else:
            et = T.basic("int32")
        lines = self.loop(f"for {i}, {e} := range {s} {{", [Var(i, T.INT, False), Var(e, et)], depth, False)
        return lines

    def clear_loop(self, depth):
        found = self.all_vars(lambda v: v.typ.kind in ("slice", "array") and v.typ.elem.kind in ("int", "float", "bool")
                              and v.assignable)
        if not found:
            return None
        v = self.r.choice(found)
        zero = "false" if v.typ.elem.kind == "bool" else "0"
        return [f"for i := range {v.name} {{", f"\t{v.name}[i] = {zero}", "}"]

    def func_range(self, depth):
        i, e = self.name("i"), self.name("e")
        k = self.r.random()
        saved, self.in_closure = self.in_closure, self.in_closure + 1
        if k < 0.5:
            lines = self.loop(f"for {i} := range seq({self.small_int()}) {{", [Var(i, T.INT, False)], depth)
        else:
            found = self.all_vars(lambda v: v.typ.kind == "slice")
            if not found:
                self.in_closure = saved
                return None
            v = self.r.choice(found)
            lines = self.loop(f"for {i}, {e} := range pairs({v.name}) {{",
                              [Var(i, T.INT, False), Var(e, v.typ.elem)], depth, False)
        self.in_closure = saved
        return lines

    def switch_stmt(self, depth):
        r = self.r
        if r.random() < 0.35:
            lines = ["switch {"]
            for _ in range(r.randint(1, 3)):
                lines += [f"case {self.nonconst(T.BOOL, 1)}:"] + self.in_switch(depth)
        else:
            t = r.choice([T.INT, T.STRING, T.basic("uint8"), T.basic("int64")])
            lines = [f"switch {self.nonconst(t, 1)} {{"]
            keys = set()
            for _ in range(r.randint(1, 4)):
                new = {self.literal(t) for _ in range(r.randint(1, 3))} - keys
                if new:
                    keys |= new
                    lines += [f"case {', '.join(sorted(new))}:"] + self.in_switch(depth)
                    if r.random() < 0.15:
                        lines += ["\tfallthrough", "case -1:" if t.kind == "int" and not t.under.startswith("u")
                                  and "-1" not in keys else "default:"]
                        lines += self.in_switch(depth)
                        return lines + ["}"]
        if r.random() < 0.6:
            lines += ["default:"] + self.in_switch(depth)
        return lines + ["}"]

    def in_switch(self, depth):
        self.loops.append((None, False))
        lines = self.block(self.r.randint(0, 3), depth)
        self.loops.pop()
        return lines

    def type_switch(self, depth):
        found = self.all_vars(lambda v: v.typ.kind == "iface")
        if not found:
            return None
        v = self.r.choice(found)
        n = self.name("x")
        lines = [f"switch {n} := any({v.name}).(type) {{"]
        for t in self.r.sample(self.unit.implementers, k=self.r.randint(1, len(self.unit.implementers))):
            self.loops.append((None, False))
            lines += [f"case {t}:", f"\t_ = {n}"] + self.block(self.r.randint(0, 2), depth, [Var(n, t)])
            self.loops.pop()
        return lines + ["default:", f"\t_ = {n}", "}"]

    def leave(self, depth):
        r = self.r
        targets = [(label, is_loop) for label, is_loop in self.loops]
        label, is_loop = r.choice(targets)
        word = r.choice(["break", "continue"]) if is_loop else "break"
        if label is None:
            inner_loop = self.loops[-1][1]
            word = r.choice(["break", "continue"]) if inner_loop else "break"
            return [f"if {self.nonconst(T.BOOL, 1)} {{", f"\t{word}", "}"]
        return [f"if {self.nonconst(T.BOOL, 1)} {{", f"\t{word} {label}", "}"]

    def early_return(self, depth):
        results = self.result if isinstance(self.result, list) else [self.result]
        if self.r.random() < 0.5:
            return None
        return [f"if {self.nonconst(T.BOOL, 2)} {{", f"\treturn {', '.join(self.expr(t, 1) for t in results)}", "}"]

    def defer_stmt(self, depth):
        r = self.r
        k = r.random()
        if k < 0.35:
            found = self.all_vars(lambda v: v.typ.kind in ("int", "string", "bool", "float"))
            if not found:
                return None
            v = r.choice(found)
            return [f"defer out(\"deferred {v.name}\", fmt.Sprint({v.name}))"]
        lines = ["defer func() {"]
        if k < 0.7:
            lines += ["\tif r := recover(); r != nil {", "\t\tout(\"recovered\", fmt.Sprint(r))", "\t}"]
        lines += self.closed(lambda: self.block(r.randint(1, 3), min(depth, 1)), None)
        return lines + ["}()"]

    def bare_block(self, depth):
        return ["{"] + self.block(self.size(), depth) + ["}"]

    def inline_func(self, depth):
        lines = ["func() {"] + self.closed(lambda: self.block(self.size(), depth), None)
        return lines + ["}()"]

    def guarded(self, depth):
        """Something that panics, recovered at once."""
        kinds = ['panic(fmt.Sprint("p", {}))', "panic({})", 'panic(fmt.Errorf("e%d", {}))', "_ = []int{{1}}[{}]",
                 "_ = 7 / ({} & 1)", "var m map[int]int; m[{}] = 1", "var q *node; q.val = {}", "_ = make([]int, {})[:1]",
                 "var z any = {}; _ = z.(string)", "var f func(int); f({})"]
        what = self.r.choice(kinds).format(self.small_int())
        lines = ["func() {", "\tdefer func() {", "\t\tr := recover()", "\t\tout(\"guarded\", fmt.Sprint(r))",
                 "\t\tif e, ok := r.(runtime.Error); ok {", "\t\t\tout(\"runtime\", e.Error())", "\t\t}", "\t}()"]
        lines += self.closed(lambda: self.block(self.r.randint(0, 2), depth), None)
        return lines + [f"\t{what}", "}()"]

    def private(self, write, variables):
        """Write with no variables in reach but these: what a goroutine does by itself, which must not panic."""
        saved = self.scopes, self.calls, self.budget
        self.scopes, self.calls, self.risk = [list(variables)], False, 0
        text = write()
        self.scopes, self.calls, self.budget = saved
        return text

    def channel_stmt(self, depth):
        t = self.r.choice(self.unit.scalars)
        c, n = self.name("ch"), self.name("s")
        cap = self.r.randint(0, 3)
        count = self.r.randint(1, 5)
        i = Var("i", T.INT, False)
        send = self.private(lambda: self.typed(t, 2), [i, Var("x", t)])
        lines = [f"{c} := make(chan {t}, {cap})", f"go func(x {t}) {{", f"\tfor i := range {count} {{", "\t\t_ = i",
                 f"\t\t{c} <- {send}", "\t}", f"\tclose({c})", f"}}({self.expr(t, 1)})", f"var {n} {t}",
                 f"for e := range {c} {{", f"\t{n} = {self.in_scope([Var('e', t), Var(n, t)], lambda: self.typed(t, 1))}",
                 f"\t_ = e", "}", f"out(\"{n}\", fmt.Sprint({n}))"]
        if self.r.random() < 0.5:
            lines += ["select {", f"case e, ok := <-{c}:", "\tout(\"closed\", fmt.Sprint(e, ok))", "default:",
                      "\tout(\"default\", \"\")", "}"]
        self.declare(n, t)
        return lines

    def goroutines(self, depth):
        """Workers that each compute a cell, or add under a lock."""
        n = self.name("g")
        k = self.r.randint(2, 5)
        body = self.private(lambda: self.nonconst(T.INT, 3), [Var("w", T.INT, False), Var("x", T.INT)])
        arg = self.nonconst(T.INT, 1)
        if self.r.random() < 0.5:
            lines = [f"{n} := make([]int, {k})", "{", "\tvar wg sync.WaitGroup", f"\tfor w := range {k} {{", "\t\t_ = w", "\t\twg.Add(1)",
                     f"\t\tgo func(x int) {{", "\t\t\tdefer wg.Done()", f"\t\t\t{n}[w] = {body}", f"\t\t}}({arg})",
                     "\t}", "\twg.Wait()", "}"]
            self.declare(n, T.slice_of(T.INT))
            return lines
        lines = [f"{n} := 0", "{", "\tvar mu sync.Mutex", "\tdone := make(chan bool)", f"\tx := {arg}", "\t_ = x",
                 f"\tfor w := range {k} {{", "\t\t_ = w", "\t\tgo func() {", "\t\t\tmu.Lock()", f"\t\t\t{n} += {body}",
                 "\t\t\tmu.Unlock()", "\t\t\tdone <- true", "\t\t}()", "\t}", f"\tfor range {k} {{", "\t\t<-done", "\t}", "}"]
        self.declare(n, T.INT)
        return lines
