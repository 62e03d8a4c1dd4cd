"""Random expressions of a wanted type.

What the specification leaves open is kept out: an expression has no side effect, and at most one of its
operations may panic. Every operator has an operand that is not constant, so the compiler's
rules about constants never apply.
"""
import gotypes as T

FLOAT_TEXTS = ["0.5", "1.25", "3.0", "-2.75", "1e10", "0.1", "7e-3"]
STRINGS = ['""', '"a"', '"go"', '"hello, world"', '"äöü€"', '"x\\x00y"', '"\\xff\\xfe"', '"日本"', '"0123456789abcdef"']


class Var:
    def __init__(self, name, typ, assignable=True):
        self.name, self.typ, self.assignable = name, typ, assignable


class Exprs:
    """Needs: self.r (random), self.scopes, self.unit (declared types and functions), self.risk."""

    def vars_of(self, typ):
        return [v for s in self.scopes for v in s if v.typ == typ]

    def all_vars(self, want):
        return [v for s in self.scopes for v in s if want(v)]

    def take_risk(self):
        if self.risk > 0 and self.r.random() < 0.06:
            self.risk -= 1
            return True
        return False

    def literal(self, t):
        r = self.r
        if t.kind == "int":
            bits = T.BITS[t.under]
            signed = not t.under.startswith("u")
            small = r.random() < 0.7
            if signed:
                lo, hi = (-9, 100) if small else (-(1 << bits - 1), (1 << bits - 1) - 1)
            else:
                lo, hi = (0, 100) if small else (0, (1 << bits) - 1)
            if not small and r.random() < 0.4:
                return str(r.choice([lo, hi, lo + 1, hi - 1]))
            return str(r.randint(lo, hi))
        if t.kind == "float":
            return r.choice(FLOAT_TEXTS)
        if t.kind == "string":
            return r.choice(STRINGS)
        if t.kind == "bool":
            return r.choice(["true", "false"])
        raise AssertionError(t)

    def make(self, t, depth):
        """A fresh value of a composite type."""
        r = self.r
        if t.kind in ("int", "float", "string", "bool"):
            return f"{t}({self.literal(t)})"
        if t.kind == "struct":
            if r.random() < 0.5:
                chosen = [f for f in t.fields if r.random() < 0.6]
                return f"{t}{{{', '.join(f'{n}: {self.expr(ft, depth - 1)}' for n, ft in chosen)}}}"
            return f"{t}{{{', '.join(self.expr(ft, depth - 1) for _, ft in t.fields)}}}"
        if t.kind == "box":
            return f"{t}{{v: {self.expr(t.elem, depth - 1)}}}"
        if t.kind == "array":
            n = r.randint(0, min(t.n, 3))
            return f"{t}{{{', '.join(self.expr(t.elem, depth - 1) for _ in range(n))}}}"
        if t.kind == "slice":
            k = r.random()
            if k < 0.15:
                return f"make({t}, {r.randint(0, 5)}, {r.randint(5, 9)})"
            if k < 0.25:
                return f"make({t}, {self.small_int()})"
            if k < 0.3:
                return f"{t}(nil)"
            n = r.randint(0, 4)
            return f"{t}{{{', '.join(self.expr(t.elem, depth - 1) for _ in range(n))}}}"
        if t.kind == "map":
            if r.random() < 0.3:
                return f"make({t})"
            n = r.randint(0, 3)
            keys = set()
            while len(keys) < n:
                keys.add(self.literal(t.key))
                if t.key.kind == "bool" and len(keys) == 2:
                    break
            return f"{t}{{{', '.join(f'{k}: {self.expr(t.elem, depth - 1)}' for k in sorted(keys))}}}"
        if t.kind == "ptr":
            if r.random() < 0.03:
                return f"({t})(nil)"
            if t.elem.kind in ("struct", "array", "slice", "box"):
                e = self.make(t.elem, depth - 1)
                if e.startswith(str(t.elem) + "{"):
                    return "&" + e
            return f"addr({self.typed(t.elem, depth - 1)})"
        if t.kind == "func":
            return self.closure(t, depth)
        if t.kind == "iface":
            s = r.choice(self.unit.implementers)
            return f"{t}({self.typed(s, depth - 1)})"
        raise AssertionError(t)

    def small_int(self):
        """An int expression in 0..7 that is not constant."""
        return f"({self.nonconst(T.INT, 0)} & 7)"

    def typed(self, t, depth):
        """An expression whose type is `t` even without context."""
        e = self.expr(t, depth)
        return f"{t}({e})" if t.kind in ("int", "float", "string", "bool") else e

    def nonconst(self, t, depth):
        """An expression that is not constant."""
        if depth > 0:
            e = self.compound(t, depth)
            if e:
                return e
        found = self.vars_of(t)
        if found:
            return self.r.choice(found).name
        if t.kind in ("int", "float", "string", "bool"):
            return f"id({t}({self.literal(t)}))"
        return self.make(t, depth)

    def expr(self, t, depth):
        """Any expression."""
        r = self.r
        if t.kind in ("int", "float", "string", "bool"):
            if r.random() < 0.2:
                return self.literal(t)
            return self.nonconst(t, depth)
        if depth > 0 and r.random() < 0.4:
            e = self.compound(t, depth)
            if e:
                return e
        found = self.vars_of(t)
        if found and (depth <= 0 or r.random() < 0.75):
            return r.choice(found).name
        if depth <= 0:
            return self.minimal(t)
        return self.make(t, depth)

    def minimal(self, t):
        """A shallow value."""
        if t.kind in ("int", "float", "string", "bool"):
            return self.literal(t)
        if t.kind in ("struct", "array", "box"):
            return f"{t}{{}}"
        if t.kind == "ptr":
            return f"new({t.elem})"
        if t.kind == "slice":
            return f"{t}(nil)"
        if t.kind == "map":
            return f"{t}{{}}"
        if t.kind == "func":
            ret = f" return {self.minimal(t.result)} " if t.result else ""
            params = ", ".join(f"_ {p}" for p in t.params)
            return f"func({params}) {t.result or ''} {{{ret}}}"
        if t.kind == "iface":
            s = self.unit.implementers[-1]
            return f"{t}({s}({self.minimal(s)}))"
        raise AssertionError(t)

    def compound(self, t, depth):
        """An operator, selection, index or conversion that gives a `t`; None if none comes to mind."""
        r = self.r
        options = [self.selection, self.selection]
        if t.kind == "int":
            options += [self.int_binary] * 4 + [self.shift, self.int_convert, self.length, self.minmax, self.pure_call]
        elif t.kind == "float":
            options += [self.float_binary] * 3 + [self.float_convert, self.pure_call]
        elif t.kind == "string":
            options += [self.concat] * 2 + [self.substring, self.string_convert, self.pure_call]
        elif t.kind == "bool":
            options += [self.compare] * 4 + [self.logic, self.type_test]
        elif t.kind == "ptr":
            options += [self.address]
        elif t.kind == "slice":
            options += [self.subslice, self.append_fresh]
        elif t.kind == "iface":
            options += [self.to_interface]
        return r.choice(options)(t, depth - 1)

    def selection(self, t, depth):
        """A part of some variable."""
        r = self.r
        found = []
        for v in self.all_vars(lambda v: True):
            found += self.parts(v.name, v.typ, t, 2)
        if not found:
            return None
        return r.choice(found)()

    def parts(self, name, vt, t, depth):
        """Ways from a value of type `vt` to a part of type `t`, each a function that writes it."""
        out = []
        if depth == 0:
            return out
        if vt.kind == "struct":
            for fn, ft in vt.fields:
                if ft == t:
                    out.append(lambda fn=fn: f"{name}.{fn}")
                elif ft.kind in ("struct", "array"):
                    out += self.parts(f"{name}.{fn}", ft, t, depth - 1)
        elif vt.kind == "box" and vt.elem == t:
            out.append(lambda: f"{name}.v")
            out.append(lambda: f"{name}.get()")
        elif vt.kind == "array" and vt.elem == t:
            out.append(lambda: f"{name}[{self.index(vt.n)}]")
        elif vt.kind == "array" and vt.elem.kind == "struct":
            out += self.parts(f"{name}[{self.index(vt.n)}]", vt.elem, t, depth - 1)
        elif vt.kind == "slice" and vt.elem == t:
            out.append(lambda: self.element(name, vt))
        elif vt.kind == "map" and vt.elem == t:
            out.append(lambda: f"{name}[{self.expr(vt.key, 0)}]")
        elif vt.kind == "ptr":
            if vt.elem == t:
                out.append(lambda: f"deref({name})" if not self.take_risk() else f"(*{name})")
            elif vt.elem.kind == "struct":
                out += self.parts(f"deref({name})", vt.elem, t, depth - 1)
        return out

    def index(self, n):
        """An index below `n`, a power of two."""
        i = self.nonconst(T.INT, 0)
        if self.take_risk():
            return i
        return f"{i} & {n - 1}"

    def element(self, name, t):
        if self.take_risk():
            return f"{name}[{self.nonconst(T.INT, 0)}]"
        return f"at({name}, {self.nonconst(T.INT, 0)})"

    def int_binary(self, t, depth):
        op = self.r.choice(["+", "-", "*", "&", "|", "^", "&^", "/", "%", "+", "-"])
        a = self.nonconst(t, depth)
        if op in "/%":
            if self.take_risk():
                return f"({a} {op} {self.nonconst(t, 0)})"
            if self.r.random() < 0.4:
                return f"({a} {op} {self.r.choice([1, 2, 3, 5, 7, 8, 10, 16, 100])})"
            return f"({a} {op} ({self.nonconst(t, 0)} | 1))"
        return f"({a} {op} {self.expr(t, depth)})"

    def shift(self, t, depth):
        op = self.r.choice(["<<", ">>"])
        a = self.nonconst(t, depth)
        if self.r.random() < 0.4:
            return f"({a} {op} {self.r.randint(0, 66)})"
        count = T.basic(self.r.choice(["uint", "uint8", "uint64", "uint32"]))
        if self.take_risk():
            count = T.basic(self.r.choice(["int", "int8"]))
        return f"({a} {op} {self.nonconst(count, 0)})"

    def int_convert(self, t, depth):
        other = T.basic(self.r.choice(T.INTS))
        return f"{t}({self.nonconst(other, depth)})"

    def length(self, t, depth):
        found = self.all_vars(lambda v: v.typ.kind in ("slice", "map", "string"))
        if not found:
            return None
        v = self.r.choice(found)
        f = "cap" if v.typ.kind == "slice" and self.r.random() < 0.1 and False else "len"
        return f"{t}({f}({v.name}))"

    def minmax(self, t, depth):
        return f"{self.r.choice(['min', 'max'])}({self.nonconst(t, depth)}, {self.expr(t, 0)})"

    def pure_call(self, t, depth):
        r = self.r
        k = r.random()
        if k < 0.3 and t.ordered():
            return f"pick({self.nonconst(T.BOOL, 0)}, {self.typed(t, depth)}, {self.typed(t, 0)})"
        if k < 0.6 and t == T.INT:
            return f"sum({', '.join(self.expr(T.INT, 0) for _ in range(r.randint(0, 4)))})"
        if k < 0.8 and t == T.INT:
            found = self.all_vars(lambda v: v.typ.kind == "iface")
            if found:
                return f"get_{self.unit.uid}({r.choice(found).name})"
        return f"id({self.typed(t, depth)})"

    def float_binary(self, t, depth):
        op = self.r.choice(["+", "-", "*", "/"])
        return f"({self.nonconst(t, depth)} {op} {self.nonconst(t, 0)})"

    def float_convert(self, t, depth):
        other = T.basic(self.r.choice(T.INTS + T.FLOATS))
        return f"{t}({self.nonconst(other, depth)})"

    def concat(self, t, depth):
        return f"lim({' + '.join(self.nonconst(t, depth if i == 0 else 0) for i in range(self.r.randint(2, 4)))})"

    def substring(self, t, depth):
        s = self.nonconst(t, 0)
        if self.take_risk():
            return f"{s}[{self.small_int()}:]"
        return f"cut({s}, {self.small_int()})"

    def string_convert(self, t, depth):
        k = self.r.random()
        if k < 0.4:
            return f"string([]byte({self.nonconst(t, depth)}))"
        if k < 0.6:
            return f"string([]rune({self.nonconst(t, depth)}))"
        if k < 0.8:
            return f"string(rune({self.nonconst(T.basic('int32'), 0)}))"
        return f"strconv.Itoa({self.nonconst(T.INT, depth)})"

    def compare(self, t, depth):
        r = self.r
        names = T.INTS + ["float64", "string", "string", "int"]
        ot = T.basic(r.choice(names))
        composite = [v for v in self.all_vars(lambda v: v.typ.comparable() and not v.typ.ordered() and v.typ.kind != "bool")]
        if composite and r.random() < 0.2:
            v = r.choice(composite)
            return f"({v.name} {r.choice(['==', '!='])} {r.choice(self.vars_of(v.typ)).name})"
        op = r.choice(["==", "!=", "<", "<=", ">", ">="])
        return f"({self.nonconst(ot, depth)} {op} {self.expr(ot, max(depth, 0))})"

    def logic(self, t, depth):
        if self.r.random() < 0.3:
            return f"!{self.nonconst(t, depth)}"
        return f"({self.nonconst(t, depth)} {self.r.choice(['&&', '||'])} {self.nonconst(t, depth)})"

    def type_test(self, t, depth):
        found = self.all_vars(lambda v: v.typ.kind == "iface")
        if not found:
            return None
        return f"is[{self.r.choice(self.unit.implementers)}]({self.r.choice(found).name})"

    def address(self, t, depth):
        """The address of a variable or of a part of one."""
        found = [f"&{v.name}" for v in self.all_vars(lambda v: v.typ == t.elem and v.assignable)]
        for v in self.all_vars(lambda v: v.assignable and v.typ.kind in ("struct", "array")):
            if v.typ.kind == "struct":
                found += [f"&{v.name}.{fn}" for fn, ft in v.typ.fields if ft == t.elem]
            elif v.typ.elem == t.elem:
                found.append(f"&{v.name}[{self.index(v.typ.n)}]")
        for v in self.all_vars(lambda v: v.typ.kind == "ptr" and v.typ.elem.kind == "struct"):
            found += [f"&deref2({v.name}).{fn}" for fn, ft in v.typ.elem.fields if ft == t.elem]
        return self.r.choice(found) if found else None

    def subslice(self, t, depth):
        found = self.vars_of(t)
        arrays = self.all_vars(lambda v: v.typ.kind == "array" and v.typ.elem == t.elem and v.assignable)
        if arrays and self.r.random() < 0.5:
            v = self.r.choice(arrays)
            return f"{v.name}[{self.r.randint(0, v.typ.n)}:]"
        if not found:
            return None
        v = self.r.choice(found)
        if self.take_risk():
            return f"{v.name}[{self.small_int()}:{self.small_int()}]"
        return f"{v.name}[min({self.small_int()}, len({v.name})):]"

    def append_fresh(self, t, depth):
        n = self.r.randint(1, 3)
        return f"clip(append({t}{{}}, {', '.join(self.expr(t.elem, depth) for _ in range(n))}))"

    def to_interface(self, t, depth):
        s = self.r.choice(self.unit.implementers)
        return f"{t}({self.typed(s, depth)})"
