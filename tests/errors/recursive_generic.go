package main

// Declared types that are, over instances, declared as themselves: a use of them must not look for an end.

type list[T any] list[[]T]

type even[T any] odd[T]
type odd[T any] even[T]

var (
	_ = list[byte]{}
	_ = even[int]{}
)

func main() {
	var e even[string]
	e.next()
}
