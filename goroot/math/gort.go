package math

import (
	"internal/cpu"
	_ "unsafe" // for go:linkname
)

// Official Go on amd64 has Exp and Log in assembly, which gives other bits than the portable bodies: Exp by a series of
// its own, with fused operations where the processor has them, Log without a care for denormal numbers. These do the
// same operations in the same order. Hypot's assembly and its portable body agree.

const (
	haveArchExp = true
	haveArchLog = true
)

var fused = cpu.X86.HasAVX && cpu.X86.HasFMA

// expfused is the series of archExp with fused operations: x and the power of two that is taken out of it.
//
//go:linkname expfused runtime.expfused
func expfused(x, k float64) float64

// archExp takes out the nearest power of two, divides the rest by 16, sums eight terms of the series of e^x - 1, and
// squares four times (y = e^x - 1 becomes y * (y + 2)).
func archExp(x float64) float64 {
	const (
		high     = 0.69314718055966295651160180568695068359375           // of ln 2, with 32 bits
		low      = 0.28235290563031577122588448175013436025525412068e-12 // the rest
		overflow = 7.09782712893384e+02
		bias     = 0x3ff
	)
	switch {
	case IsNaN(x) || IsInf(x, 1):
		return x
	case x < -1e6:
		return 0
	case x > overflow:
		return Inf(1)
	}
	k := RoundToEven(x * (1 / Ln2))
	var y float64
	if fused {
		y = expfused(x, k)
	} else {
		r := (x - k*high - k*low) * 0.0625
		s := float64(1.0 / 40320)
		s = s*r + 1.0/5040
		s = s*r + 1.0/720
		s = s*r + 1.0/120
		s = s*r + 1.0/24
		s = s*r + 1.0/6
		s = s*r + 1.0/2
		s = s*r + 1
		r = r * s
		r = r * (r + 2)
		r = r * (r + 2)
		r = r * (r + 2)
		y = r*(r+2) + 1
	}
	switch e := int(k) + bias; {
	case e >= 0x7ff:
		return Inf(1)
	case e > 0:
		return y * Float64frombits(uint64(e)<<52)
	case e >= -52:
		// In two steps, of which the second one rounds.
		return y * Float64frombits(uint64(e+bias-1)<<52) * Float64frombits(1<<52)
	}
	return 0
}

// archLog is the portable algorithm on the number's bits as they are: denormal numbers are taken for normal ones.
func archLog(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
		l1    = 6.666666666666735130e-01
		l2    = 3.999999999940941908e-01
		l3    = 2.857142874366239149e-01
		l4    = 2.222219843214978396e-01
		l5    = 1.818357216161805012e-01
		l6    = 1.531383769920937332e-01
		l7    = 1.479819860511658591e-01
	)
	bits := Float64bits(x)
	switch {
	case bits<<1 == 0:
		return Inf(-1)
	case bits>>63 != 0:
		return NaN()
	case bits >= 0x7ff<<52:
		return x
	}
	f := Float64frombits(bits&(1<<52-1) | 0x3fe<<52) // from 0.5 to 1
	k := float64(int(bits>>52) - 0x3fe)
	if f <= Sqrt2/2 {
		k--
		f *= 2
	}
	f--
	s := f / (2 + f)
	s2 := s * s
	s4 := s2 * s2
	odd := s2 * (l1 + s4*(l3+s4*(l5+s4*l7)))
	even := s4 * (l2 + s4*(l4+s4*l6))
	half := 0.5 * f * f
	return k*ln2Hi - ((half - (s*(half+(odd+even)) + k*ln2Lo)) - f)
}
