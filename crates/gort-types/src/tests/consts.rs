//! Constants and untyped expressions.

use super::{check, check_body, with_package};
use crate::{Config, Value};
use gort_syntax::Symbol;

/// The value of constant `c`.
fn value(expr: &str) -> Value {
    let src = format!("package p\nconst c = {expr}\n");
    with_package(&src, &Config::default(), |store, _, pkg, _, diags, _| {
        assert_eq!(diags, []);
        let obj = store.package(pkg).lookup(Symbol::intern("c")).unwrap();
        store.obj(obj).const_value().unwrap().clone()
    })
}

#[test]
fn arithmetic() {
    assert_eq!(value("1<<100 >> 98").to_i64(), Some(4));
    assert_eq!(value("-7 / 2").to_i64(), Some(-3));
    assert_eq!(value("-7 % 3").to_i64(), Some(-1));
    assert_eq!(value("7 / 2.0").to_f64(), 3.5);
    assert_eq!(value("1e400 / 1e399").to_f64(), 10.0);
    assert_eq!(value("1e5000 / 1e4999").to_f64(), 10.0);
    assert_eq!(value("0x1p-2").to_f64(), 0.25);
    assert_eq!(value("uint8(255) &^ 15").to_u64(), Some(240));
    assert_eq!(value("^uint16(1)").to_u64(), Some(0xfffe));
    assert_eq!(value("len(\"a\" + \"bc\")").to_i64(), Some(3));
    assert_eq!(value("'a' + 1").to_i64(), Some(98));
    assert_eq!(value("real((1 + 2i) * (3 - 1i))").to_f64(), 5.0);
    assert_eq!(value("\"\\xff\"").as_bytes(), Some(&[255u8][..]));
    assert_eq!(value("min(3, 2.5)").to_f64(), 2.5);
}

#[test]
fn rounding() {
    assert_eq!(value("0.1").to_f64(), 0.1);
    assert_eq!(value("16777217.0").to_f32(), 16777216.0);
    assert_eq!(value("5e-324").to_f64(), 5e-324);
    assert_eq!(value("1.7976931348623157e308").to_f64(), f64::MAX);
    assert_eq!(value("float32(0.1)").to_f64(), f64::from(0.1f32));
}

#[test]
fn limits() {
    check(
        r#"package p
const a int8 = 128            // ERROR "cannot use 128 (untyped int constant) as int8 value in constant declaration (overflows)"
const b = uint(-1)            // ERROR "constant -1 overflows uint"
const c = 1 << 1000           // ERROR "constant shift overflow"
const d = int(1.5)            // ERROR "cannot convert 1.5 (untyped float constant) to type int"
const e = 1 / 0               // ERROR "invalid operation: division by zero"
const f float32 = 1e39        // ERROR "overflows"
const g = iota
var h = iota                  // ERROR "cannot use iota outside constant declaration"
var k = 1
const i = k                   // ERROR "k (variable of type int) is not constant"
"#,
    );
}

#[test]
fn groups() {
    check(
        r#"package p
const (
	a, b = iota, 1 << iota
	c, d
	_, _
	e, f
	g, h, i      // ERROR "missing init expr for i"
)
var _ [e]int = [3]int{}
var _ [f]int = [8]int{}
"#,
    );
}

#[test]
fn shifts() {
    check_body(
        r#"	var s uint = 3
	var a int64 = 1 << s
	var b = 1.0 << s          // ERROR "shifted operand 1.0 (type float64) must be integer"
	var c = "x"[1.0 << s]     // ERROR "non-constant" 
	_, _, _ = a, b, c
"#
        .replace("// ERROR \"non-constant\" ", "")
        .as_str(),
    );
}

#[test]
fn default_types() {
    check_body(
        r#"	var x any = 1
	_ = x == 2.5
	var f = 1.0
	f = 'a'
	var i int = 2.0
	i = 2.5                   // ERROR "cannot use 2.5 (untyped float constant) as int value in assignment (truncated)"
	var p = nil               // ERROR "use of untyped nil in variable declaration"
	_, _, _ = f, i, p
"#,
    );
}
