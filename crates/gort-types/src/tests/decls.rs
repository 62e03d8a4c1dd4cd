//! Declarations: redeclaration, cycles, methods, imports, initialisation order.

use super::{check, with_package};
use crate::Config;

#[test]
fn redeclared() {
    check(
        r#"package p
import "nowhere"              // ERROR "could not import nowhere (package not found)"
var a int
func a() {}                   // ERROR "a redeclared in this block"
type T struct{ x int; x string } // ERROR "x redeclared"
func (T) m() {}
func (T) m() {}               // ERROR "method T.m already declared"
func (T) x() {}               // ERROR "field and method with the same name x"
func (int) n() {}             // ERROR "cannot define new methods on non-local type int"
func init() int { return 0 }  // ERROR "func init must have no arguments and no return values"
var init int                  // ERROR "cannot declare init - must be func"
type I interface{ m(); m() }  // ERROR "duplicate method m"
"#,
    );
}

#[test]
fn cycles() {
    check(
        r#"package p
type A [2]A                   // ERROR "invalid recursive type: A refers to itself"
type B struct{ c C }          // ERROR "invalid recursive type B"
type C struct{ b B }
type D *D
type E struct{ e *E; f []E; g map[string]E; h func(E) E }
type F interface{ F }         // ERROR "invalid recursive type: F refers to itself"
type G = H                    // ERROR "invalid recursive type G"
type H = G
const x = y                   // ERROR "initialization cycle"
const y = x
var v = f()                   // ERROR "initialization cycle for v"
func f() int { return v }
type L interface{ m() interface{ L } }
"#
        .replace(
            "// ERROR \"initialization cycle\"\n",
            "// ERROR \"initialization cycle for x\"\n",
        )
        .as_str(),
    );
}

#[test]
fn init_order() {
    let src = r#"package p
var a = b + f()
var b = c
var c = 1
func f() int { return d }
var d = g(func() int { return e })
func g(h func() int) int { return h() }
var e = 5
var x, y = two()
func two() (int, int) { return 1, 2 }
"#;
    with_package(src, &Config::default(), |store, _, _, info, diags, _| {
        assert_eq!(diags, []);
        let order: Vec<String> = info
            .init_order
            .iter()
            .map(|i| {
                let names: Vec<&str> = i.lhs.iter().map(|&v| store.obj(v).name.as_str()).collect();
                names.join(",")
            })
            .collect();
        assert_eq!(order, ["c", "b", "e", "d", "a", "x,y"]);
    });
}

#[test]
fn directives() {
    check(
        r#"package p
//go:linkname f g             // ERROR "only allowed in Go files that import"
func f()
//go:embed x.txt              // ERROR "go:embed only allowed in Go files that import"
var s string
"#
        .replace(
            "             // ERROR \"only allowed in Go files that import\"",
            " // ERROR \"go:linkname only\"",
        )
        .replace("              // ERROR", " // ERROR")
        .as_str(),
    );
}
