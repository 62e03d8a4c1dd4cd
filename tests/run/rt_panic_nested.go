package main

type T string

func main() {
	defer func() {
		r := recover()
		defer func() { panic(r) }()
		panic(T("x\ny"))
	}()
	defer func() { panic(3.25) }()
	panic("a\nb")
}
