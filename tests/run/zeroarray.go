// Arrays without elements: every index fails, and nothing is stored.
package main

type s struct{ a, b, c, d, e int }

func try(f func()) {
	defer func() { println(recover().(error).Error()) }()
	f()
}

func main() {
	var i int
	arr := [0]s{}
	try(func() { arr[i].a++ })
	try(func() { println(arr[i].b) })
	var x [0]int
	try(func() { x[i] = 1 })
	println(len(arr), len(x))
}
