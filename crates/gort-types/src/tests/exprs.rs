//! Expressions, conversions, calls.

use super::{check, check_body, check_version};

#[test]
fn names_and_selectors() {
    check(
        r#"package p
type T struct{ a int; E }
type E struct{ b int }
func (E) m()  {}
func (*E) pm() {}
var t T
var _ = t.a + t.b + t.E.b
var _ = t.c                   // ERROR "t.c undefined (type T has no field or method c)"
var _ = t.A                   // ERROR "t.A undefined (type T has no field or method A, but does have field a)"
var _ = T.m
var _ = T.pm                  // ERROR "invalid method expression T.pm (needs pointer receiver (*T).pm)"
var _ = (*T).pm
var _ = T{}.pm                // ERROR "cannot call pointer method pm on T"
var _ = undef                 // ERROR "undefined: undef"
var _ int = T                 // ERROR "T (type) is not an expression"
"#,
    );
}

#[test]
fn operators() {
    check_body(
        r#"	var i int; var f float64; var s string; var b bool
	_ = i + f             // ERROR "invalid operation: i + f (mismatched types int and float64)"
	_ = s - s             // ERROR "operator - not defined on s (variable of type string)"
	_ = !i                // ERROR "operator ! not defined on i (variable of type int)"
	_ = i && b            // ERROR "mismatched types int and bool"
	_ = []int{} == nil
	_ = []int{} == []int{} // ERROR "slice can only be compared to nil"
	_ = func() {} == nil
	_ = struct{ f func() }{} == struct{ f func() }{} // ERROR "struct containing func() cannot be compared"
	_ = i < 2.0
	_ = b < b             // ERROR "operator < not defined on bool"
	_ = &i
	_ = &1                // ERROR "cannot take address of 1 (untyped int constant)"
	_ = *i                // ERROR "cannot indirect i (variable of type int)"
"#,
    );
}

#[test]
fn calls() {
    check(
        r#"package p
func f(int, ...string) (int, error) { return 0, nil }
func g() {}
func _() {
	f(1, "a", "b")
	f()                   // ERROR "not enough arguments in call to f"
	f(1, 2)               // ERROR "cannot use 2 (untyped int constant) as string value in argument to f"
	f(1, []string{}...)
	x := g()              // ERROR "g() (no value) used as value"
	y := f(1)             // ERROR "assignment mismatch: 1 variable but f returns 2 values"
	_, _ = x, y
	g(f(1))               // ERROR "too many arguments in call to g"
	1()                   // ERROR "invalid operation: cannot call 1 (untyped int constant): untyped int is not a function"
	go int(3)             // ERROR "go requires function call, not conversion"
	defer len("x")        // ERROR "defer discards result of len("
	len("x")              // ERROR "is not used"
}
"#,
    );
}

#[test]
fn literals() {
    check(
        r#"package p
type P struct{ x, y int }
type Q struct{ P; z int }
var _ = P{1, 2}
var _ = P{1}                  // ERROR "too few values in struct literal of type P"
var _ = P{x: 1, x: 2}         // ERROR "duplicate field name x in struct literal"
var _ = P{w: 1}               // ERROR "unknown field w in struct literal of type P"
var _ = Q{x: 1, z: 2}
var _ = Q{x: 1, P: P{}}       // ERROR "cannot specify embedded field P and enclosed promoted field x"
var _ = [...]int{3: 1, 2}
var _ [5]int = [...]int{3: 1, 2}
var _ = [2]int{1, 2, 3}       // ERROR "index 2 is out of bounds (>= 2)"
var _ = map[string]int{"a": 1, "a": 2} // ERROR "duplicate key"
var _ = []P{{1, 2}, {x: 3}}
var _ = map[P]*P{{1, 2}: {3, 4}}
var _ = int{}                 // ERROR "invalid composite literal type int"
"#,
    );
    check_version(
        "package p\ntype P struct{ x int }\ntype Q struct{ P }\nvar _ = Q{x: 1} // ERROR \"requires go1.27 or later\"\n",
        (1, 26),
    );
}

#[test]
fn conversions() {
    check(
        r#"package p
type I interface{ m() }
type T struct{}
func (*T) m() {}
var s string
var _ = []byte(s)
var _ = string([]rune{'x'})
var _ = [2]int([]int{1, 2})
var _ = (*[2]int)([]int{1, 2})
var _ = int(s)                // ERROR "cannot convert s (variable of type string) to type int"
var _ I = T{}                 // ERROR "T does not implement I (method m has pointer receiver)"
var _ I = &T{}
var i I
var _ = i.(*T)
var _ = i.(T)                 // ERROR "impossible type assertion: i.(T)"
var _ = s.(I)                 // ERROR "s (variable of type string) is not an interface"
"#,
    );
}

#[test]
fn index_and_slice() {
    check_body(
        r#"	var a [3]int; var s []int; var m map[string]int; var p *[3]int
	_ = a[3]              // ERROR "index 3 out of bounds [0:3]"
	_ = s[-1]             // ERROR "must not be negative"
	_ = m[1]              // ERROR "cannot use 1 (untyped int constant) as string value in map index"
	_ = p[2] + p[:][0]
	_ = s[2:1]            // ERROR "invalid slice indices: 1 < 2"
	_ = "abc"[0:2:3]      // ERROR "3-index slice of string"
	_ = [3]int{}[:]       // ERROR "cannot slice unaddressable value"
	_ = 5[0]              // ERROR "cannot index 5 (untyped int constant)"
	v, ok := m["x"]
	_, _ = v, ok
"#,
    );
}

#[test]
fn builtins() {
    check(
        r#"package p
import "unsafe"
type S struct{ a int8; b int64; c [3]int16 }
const (
	_ = uint(unsafe.Sizeof(S{}) - 24)
	_ = uint(24 - unsafe.Sizeof(S{}))
	_ = 8 - unsafe.Offsetof(S{}.b)
	_ = len([4]int{}) + cap([2]string{})
)
func _(s []int, m map[int]int, c <-chan int) {
	s = append(s, 1, 2.5)     // ERROR "(truncated)"
	_ = append([]byte{}, "x"...)
	copy(s, []string{})       // ERROR "different element types int and string"
	delete(m, "x")            // ERROR "argument to delete"
	close(c)                  // ERROR "cannot close receive-only channel"
	_ = make(int)             // ERROR "cannot make int: type must be slice, map, or channel"
	_ = make([]int, 3, 2)     // ERROR "length and capacity swapped"
	_ = new(1 + 2)
	_ = max(1, "a")           // ERROR "mismatched types"
	clear(m)
	panic()                   // ERROR "not enough arguments for panic() (expected 1, found 0)"
	print(nil)                // ERROR "use of untyped nil in argument to built-in print"
}
"#,
    );
}
