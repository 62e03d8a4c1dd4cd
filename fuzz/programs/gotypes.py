"""The types of generated programs: how each is written, its zero value, and how its values are shown.

A type is a small immutable object; two types are the same if their Go texts are.
"""

INTS = ["int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float64", "float32"]
BITS = {"int": 64, "int8": 8, "int16": 16, "int32": 32, "int64": 64,
        "uint": 64, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}


class Type:
    """kind is one of int, float, string, bool, struct, array, slice, map, ptr, func, iface, box."""

    def __init__(self, kind, text, **parts):
        self.kind = kind
        self.text = text
        self.__dict__.update(parts)

    def __str__(self):
        return self.text

    def __eq__(self, other):
        return self.text == other.text

    def __hash__(self):
        return hash(self.text)

    def comparable(self):
        if self.kind == "struct":
            return all(t.comparable() for _, t in self.fields)
        if self.kind == "array":
            return self.elem.comparable()
        return self.kind in ("int", "float", "string", "bool", "ptr")

    def ordered(self):
        return self.kind in ("int", "float", "string")


def basic(name):
    kind = "int" if name in INTS else "float" if name in FLOATS else name
    return Type(kind, name, under=name)


def named_int(name, under):
    return Type("int", name, under=under)


def array(n, elem):
    return Type("array", f"[{n}]{elem}", n=n, elem=elem)


def slice_of(elem):
    return Type("slice", f"[]{elem}", elem=elem)


def map_of(key, elem):
    return Type("map", f"map[{key}]{elem}", key=key, elem=elem)


def ptr(elem):
    return Type("ptr", f"*{elem}", elem=elem)


def func(params, result):
    text = f"func({', '.join(str(p) for p in params)})" + (f" {result}" if result else "")
    return Type("func", text, params=params, result=result)


def struct(name, fields):
    return Type("struct", name, fields=fields)


def iface(name):
    return Type("iface", name)


def box(name, elem):
    return Type("box", f"{name}[{elem}]", elem=elem)


INT, STRING, BOOL, F64 = basic("int"), basic("string"), basic("bool"), basic("float64")


class Show:
    """Makes one function a type that turns a value into text without addresses, in a definite order."""

    def __init__(self, uid):
        self.uid = uid
        self.names = {}
        self.code = []

    def call(self, t, expr):
        """Go expression of type string for a value of `t`."""
        if t.kind in ("int", "float", "string", "bool"):
            return f"fmt.Sprint({expr})"
        if t not in self.names:
            self.names[t] = f"show{len(self.names)}_{self.uid}"
            self.code.append(self.define(t, self.names[t]))
        return f"{self.names[t]}({expr}, 3)"

    def inner(self, t, expr):
        text = self.call(t, expr)
        return text[:-2] + "d-1)" if text.endswith(", 3)") else text

    def define(self, t, name):
        head = f"func {name}(v {t}, d int) string {{\n\tif d <= 0 {{\n\t\treturn \"..\"\n\t}}\n"
        if t.kind == "struct":
            parts = " + \" \" + ".join(self.inner(ft, f"v.{fn}") for fn, ft in t.fields)
            body = f"\treturn \"{{\" + {parts} + \"}}\"\n"
        elif t.kind == "box":
            body = f"\treturn \"box:\" + {self.inner(t.elem, 'v.v')} + fmt.Sprint(v.n)\n"
        elif t.kind in ("array", "slice"):
            body = ("\ts := \"[\"\n\tfor _, e := range v {\n\t\ts += " + self.inner(t.elem, "e") +
                    " + \" \"\n\t}\n\treturn s + \"]\"\n")
        elif t.kind == "map":
            body = ("\tvar keys []string\n\tfor k, e := range v {\n\t\tkeys = append(keys, " +
                    self.inner(t.key, "k") + " + \":\" + " + self.inner(t.elem, "e") +
                    ")\n\t}\n\tsort.Strings(keys)\n\treturn \"map\" + fmt.Sprint(keys)\n")
        elif t.kind == "ptr":
            body = "\tif v == nil {\n\t\treturn \"nil\"\n\t}\n\treturn \"&\" + " + self.inner(t.elem, "(*v)") + "\n"
        elif t.kind == "iface":
            body = "\tif v == nil {\n\t\treturn \"nil\"\n\t}\n\treturn fmt.Sprintf(\"%T\", v) + fmt.Sprint(v.Get())\n"
        elif t.kind == "func":
            body = "\tif v == nil {\n\t\treturn \"nilfunc\"\n\t}\n\treturn \"func\"\n"
        else:
            body = "\treturn fmt.Sprint(v)\n"
        return head + body + "}\n"
