package main

import "unsafe"

// Built-in functions on the several results of one call, now and deferred.

type number float32

var (
	counts = map[string]int{"a": 1, "b": 2}
	buf    = make([]byte, 5)
	words  = [4]int{7, 8, 9, 10}
)

func entry() (map[string]int, string)   { return counts, "a" }
func anyEntry() (map[any]int, string)   { return map[any]int{"a": 1}, "a" }
func ints() ([]int, int, int)           { return []int{1}, 2, 3 }
func mixed() ([]any, int, string)       { return nil, 2, "x" }
func bytes() ([]byte, string)           { return buf, "hello" }
func parts() (float32, float32)         { return 1, 2 }
func numbers() (number, number)         { return 3, 1 }
func printed() (int, string, any)       { return 1, "x", nil }
func address() (unsafe.Pointer, int8)   { return unsafe.Pointer(&words), 8 }
func backwards() (unsafe.Pointer, int8) { return unsafe.Pointer(&words[1]), -8 }
func elements() (*int, uint8)           { return &words[0], 3 }
func letters() (*byte, int)             { return &buf[0], 4 }
func three() (int, int, int)            { return 3, 1, 2 }
func names() (string, string)           { return "b", "a" }
func one() []int                        { return []int{5} }

func deferred() {
	counts["a"] = 1
	defer println(printed())
	defer delete(entry())
	defer print(printed())
	defer copy(bytes())
	buf[0] = 'x'
}

func generic[T ~float32 | ~float64](f func() (T, T)) {
	println(min(f()), max(f()))
}

func main() {
	delete(entry())
	println(len(counts))
	delete(anyEntry())
	x := append(ints())
	println(len(x), x[0], x[1], x[2])
	y := append(mixed())
	println(len(y), y[0].(int), y[1].(string))
	println(copy(bytes()), string(buf))
	println(complex(parts()), complex(numbers()))
	print(printed())
	println()
	println(printed())
	println(*(*int)(unsafe.Add(address())), *(*int)(unsafe.Add(backwards())))
	s := unsafe.Slice(elements())
	println(len(s), s[2])
	println(unsafe.String(letters()))
	println(append(one())[0])
	println(min(three()), max(three()), min(numbers()), max(names()))
	generic(numbers)
	deferred()
	println(string(buf), len(counts))

	done := make(chan bool)
	go func() {
		defer close(done)
		defer delete(entry())
	}()
	<-done
	go delete(entry())
	go copy(bytes())
	defer func() { println(recover().(error).Error()) }()
	_ = unsafe.Slice(func() (*int, int) { return nil, 1 }())
}
