package main

import "fmt"

// Constants converted to type parameters: first to their default type, then, at run time, to the type argument.

type half complex64

func numbers[T ~int8 | ~uint64 | ~float32 | ~complex64 | ~complex128]() []T {
	return []T{T(0), T(3), T('x'), T(7.0), T(5i - 5i)}
}

func parts[T ~complex64 | ~complex128](m map[string]T) T {
	m["zero"], m["e"] = T(0), T(2.71828182845904523536)
	return T(3.14) + T(-1i) + T(float32(0.1)) + T(2)
}

func text[T ~string | ~[]byte | ~[]rune]() T { return T("aé") }

func letter[T ~int32 | ~string]() T { return T(0xe9) }

func main() {
	fmt.Println(numbers[int8](), numbers[uint64](), numbers[float32]())
	fmt.Println(numbers[half](), numbers[complex128]())
	m, n := map[string]half{}, map[string]complex128{}
	fmt.Println(parts(m), parts(n), m, n)
	fmt.Println(text[string](), text[[]byte](), text[[]rune]())
	fmt.Println(letter[rune](), letter[string]())
}
