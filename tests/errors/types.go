package main

type T struct{ a int }

func f() int {
	for {
		break
	}
}

func main() {
	var s string = 1
	x := 2
	T{}.b()
	undefinedFunc()
	return 1
}
