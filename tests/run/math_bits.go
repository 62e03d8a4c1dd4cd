package main

// Every function of math and math/cmplx: a sum over the bits of its results, for arguments of all sizes and kinds.
// MATH_ARGS says for how many.

import (
	"fmt"
	"math"
	"math/cmplx"
	"os"
	"strconv"
)

type source uint64

func (s *source) next() uint64 {
	x := uint64(*s)
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	*s = source(x)
	return x
}

var special = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 2, math.Pi, math.E, math.Sqrt2 / 2, math.MaxFloat64, -math.MaxFloat64,
	math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, 0x1p-1022, 0x1p-1023, 709.78, 709.79, -745.13, -745.14, -1075,
	-708.4, 1e-300, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxInt64, 1 << 53, 1<<53 + 2, 4503599627370495.5, 170.6, -170.5,
}

// float gives numbers of four kinds in turn: special ones, any bits, moderate ones, near 1.
func (s *source) float(i int) float64 {
	if i < len(special) {
		return special[i]
	}
	x := s.next()
	switch i % 4 {
	case 0:
		return math.Float64frombits(x)
	case 1:
		return (float64(x>>11)/(1<<53) - 0.5) * 1600
	case 2:
		return (float64(x>>11)/(1<<53) - 0.5) * 20
	}
	return float64(x>>11) / (1 << 52)
}

type sum uint64

func (s *sum) add(f float64) {
	b := math.Float64bits(f)
	if f != f {
		b = 1 // which NaN is not said
	}
	*s = sum((uint64(*s) ^ b) * 0x9e3779b97f4a7c15)
	*s ^= *s >> 29
}

func (s *sum) addC(c complex128) {
	s.add(real(c))
	s.add(imag(c))
}

func main() {
	n := 4000
	if v, err := strconv.Atoi(os.Getenv("MATH_ARGS")); err == nil {
		n = v
	}
	one := func(name string, f func(float64) float64) {
		src, total := source(1), sum(0)
		for i := range n {
			total.add(f(src.float(i)))
		}
		fmt.Printf("%-12s %016x\n", name, uint64(total))
	}
	two := func(name string, f func(x, y float64) float64) {
		src, total := source(2), sum(0)
		for i := range n {
			x, y := src.float(i%(n/2+1)), src.float(i*7%n)
			total.add(f(x, y))
		}
		fmt.Printf("%-12s %016x\n", name, uint64(total))
	}
	complexOne := func(name string, f func(complex128) complex128) {
		src, total := source(3), sum(0)
		for i := range n {
			total.addC(f(complex(src.float(i%(n/2+1)), src.float(i*5%n))))
		}
		fmt.Printf("%-12s %016x\n", name, uint64(total))
	}
	for _, f := range []struct {
		name string
		f    func(float64) float64
	}{
		{"Abs", math.Abs}, {"Acos", math.Acos}, {"Acosh", math.Acosh}, {"Asin", math.Asin}, {"Asinh", math.Asinh},
		{"Atan", math.Atan}, {"Atanh", math.Atanh}, {"Cbrt", math.Cbrt}, {"Ceil", math.Ceil}, {"Cos", math.Cos},
		{"Cosh", math.Cosh}, {"Erf", math.Erf}, {"Erfc", math.Erfc}, {"Erfinv", math.Erfinv}, {"Erfcinv", math.Erfcinv},
		{"Exp", math.Exp}, {"Exp2", math.Exp2}, {"Expm1", math.Expm1}, {"Floor", math.Floor}, {"Gamma", math.Gamma},
		{"J0", math.J0}, {"J1", math.J1}, {"Log", math.Log}, {"Log10", math.Log10}, {"Log1p", math.Log1p}, {"Log2", math.Log2},
		{"Logb", math.Logb}, {"Round", math.Round}, {"RoundToEven", math.RoundToEven}, {"Sin", math.Sin}, {"Sinh", math.Sinh},
		{"Sqrt", math.Sqrt}, {"Tan", math.Tan}, {"Tanh", math.Tanh}, {"Trunc", math.Trunc}, {"Y0", math.Y0}, {"Y1", math.Y1},
		{"Lgamma", func(x float64) float64 { y, s := math.Lgamma(x); return y * float64(s) }},
		{"Sincos", func(x float64) float64 { s, c := math.Sincos(x); return s - c }},
		{"Modf", func(x float64) float64 { i, f := math.Modf(x); return i - f }},
		{"Frexp", func(x float64) float64 { f, e := math.Frexp(x); return f + float64(e) }},
		{"Ilogb", func(x float64) float64 { return float64(math.Ilogb(x)) }},
		{"Jn3", func(x float64) float64 { return math.Jn(3, x) }},
		{"Yn3", func(x float64) float64 { return math.Yn(3, x) }},
		{"Pow10", func(x float64) float64 { return math.Pow10(small(x)) }},
		{"Ldexp", func(x float64) float64 { return math.Ldexp(x, small(x)*5) }},
	} {
		one(f.name, f.f)
	}
	for _, f := range []struct {
		name string
		f    func(x, y float64) float64
	}{
		{"Atan2", math.Atan2}, {"Copysign", math.Copysign}, {"Dim", math.Dim}, {"Hypot", math.Hypot}, {"Max", math.Max},
		{"Min", math.Min}, {"Mod", math.Mod}, {"Nextafter", math.Nextafter}, {"Pow", math.Pow}, {"Remainder", math.Remainder},
		{"FMA", func(x, y float64) float64 { return math.FMA(x, y, x) }},
	} {
		two(f.name, f.f)
	}
	for _, f := range []struct {
		name string
		f    func(complex128) complex128
	}{
		{"cAcos", cmplx.Acos}, {"cAcosh", cmplx.Acosh}, {"cAsin", cmplx.Asin}, {"cAsinh", cmplx.Asinh}, {"cAtan", cmplx.Atan},
		{"cAtanh", cmplx.Atanh}, {"cConj", cmplx.Conj}, {"cCos", cmplx.Cos}, {"cCosh", cmplx.Cosh}, {"cCot", cmplx.Cot},
		{"cExp", cmplx.Exp}, {"cLog", cmplx.Log}, {"cLog10", cmplx.Log10}, {"cSin", cmplx.Sin}, {"cSinh", cmplx.Sinh},
		{"cSqrt", cmplx.Sqrt}, {"cTan", cmplx.Tan}, {"cTanh", cmplx.Tanh},
		{"cAbs", func(c complex128) complex128 { return complex(cmplx.Abs(c), cmplx.Phase(c)) }},
		{"cPow", func(c complex128) complex128 { return cmplx.Pow(c, complex(imag(c), real(c))) }},
		{"cPolar", func(c complex128) complex128 { r, t := cmplx.Polar(c); return cmplx.Rect(r, t) }},
	} {
		complexOne(f.name, f.f)
	}
}

// small is a whole number between -400 and 400.
func small(x float64) int {
	if x != x || math.IsInf(x, 0) {
		return 7
	}
	return int(math.Mod(x, 400))
}
