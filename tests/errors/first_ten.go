package main

// Official Go stops at the tenth error it finds, which is not the tenth of the file: bodies come last.

func main() {
	a := undefined1
	b := undefined2
	c := undefined3
	d := undefined4
	e := undefined5
}

var (
	f = undefined6
	g = undefined7
	h = undefined8
	i = undefined9
	j = undefined10
)

func k() { return 1 }

type l struct{ undefined11 }
