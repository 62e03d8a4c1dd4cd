package main

import (
	"fmt"
	"math"
)

// Conversions of floats to integers that may not fit: official Go on amd64 fixes what they give, though the
// specification does not.

//go:noinline
func from32(x float32) string {
	return fmt.Sprint(int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
}

//go:noinline
func from64(x float64) string {
	return fmt.Sprint(int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
}

// The same, where the compiler knows the value.
func folded() {
	{
		x := float64(1e10)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(-1e10)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(3e9)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(-3e9)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(1e19)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(1e20)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(-1e20)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(300.7)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(-300.7)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(70000.5)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(-1)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(128)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(32768)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
	{
		x := float64(-129)
		fmt.Println("folded", x, int8(x), int16(x), int32(x), int64(x), int(x), uint8(x), uint16(x), uint32(x), uint64(x), uint(x), uintptr(x))
	}
}

func main() {
	values := []float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	for e := -2; e <= 70; e++ {
		p := math.Ldexp(1, e)
		for _, x := range []float64{p, p - 1, p + 1, p * 1.5, p - 0.5, p + 0.5, math.Nextafter(p, 0), math.Nextafter(p, 1e300)} {
			values = append(values, x, -x)
		}
	}
	values = append(values, 1e10, -1e10, 1e100, -1e100, 123456789.75, -123456789.75)
	var sum uint64
	for _, x := range values {
		for i, s := range []string{from64(x), from32(float32(x))} {
			for _, c := range []byte(s) {
				sum = sum*31 + uint64(c)
			}
			if f, _ := math.Frexp(x); math.Abs(f) == 0.5 || x != x {
				fmt.Println(x, i, s)
			}
		}
	}
	fmt.Println(sum)
	folded()
}
