// Built-in functions on the results of one call; methods through nil.
package main

type M struct{}

func (m *M) F() int { return 0 }

type M1 struct{ M }

func two() ([]int, []int)       { return make([]int, 2), []int{7, 8, 9} }
func elems() ([]int, int, int)  { return []int{1}, 2, 3 }
func parts() (float64, float64) { return 1, 2 }
func entry() (map[string]int, string) {
	return map[string]int{"a": 1}, "a"
}

func main() {
	println(copy(two()))
	println(len(append(elems())))
	println(complex(parts()))
	delete(entry())
	defer func() { println(recover().(error).Error()) }()
	var m *M1
	println(m.F())
}
