// Package variables whose values are known before the program runs, beside ones that are not.
package main

import (
	"errors"
	"fmt"
	"sort"
	"unsafe"
)

type pair struct {
	name string
	n    int
}

type node struct {
	val  int
	next *node
	list []pair
}

type shape interface{ area() float64 }

type square struct{ side float64 }

func (s square) area() float64 { return s.side * s.side }

type circle struct{ r float64 }

func (c *circle) area() float64 { return 3 * c.r * c.r }

type code int16

func (c code) String() string { return fmt.Sprintf("code(%d)", int(c)) }

var (
	numbers        = []int{1, 2, 5: 50, 3}
	array          = [...]pair{{"a", 1}, {"b", 2}, 4: {"e", 5}}
	list           = &node{1, &node{2, nil, nil}, []pair{{"x", 9}}}
	shapes         = []shape{square{2}, &circle{1}, nil}
	mixed          = []any{1, "two", 3.5, nil, code(7), pair{"p", 1}, &array[1], 'x', true, complex(1, 2)}
	errBad         = errors.New("bad")
	errAgain       = errors.New("bad")
	part           = &array[4].n
	alias          = list
	second         = array[1]
	add            = func(a, b int) int { return a + b }
	named          = twice
	table          = map[string]int{"one": 1, "two": 2}
	nested         = map[pair][]int{{"a", 1}: {1, 2}, {"b", 2}: nil}
	ops            = map[string]func(int) int{"twice": twice, "neg": func(n int) int { return -n }}
	bytes          = []byte("bytes")
	word           = (*byte)(nil)
	empty          = []struct{}{{}, {}}
	size           = unsafe.Sizeof(array)
	grid           = [2][3]int8{{1, 2, 3}, {-4, -5, -6}}
	pointers       = []*pair{{"q", 1}, nil, {"r", 2}}
	_              = [1]int{3}
	_        shape = (*circle)(nil)
	late           = compute()
	later          = late
	ch             = make(chan int, 1)
	floats         = struct {
		a float32
		b float64
		c complex64
		_ int
		d [2]bool
	}{a: 0.1, b: 1e300, c: 1i, d: [2]bool{true, false}}
	changed = 1
	watcher = change()
	seen    = changed
)

func twice(n int) int { return 2 * n }

func compute() int { return numbers[5] + table["two"] }

func change() string {
	changed = 100
	return "changed"
}

var unused = map[string]*node{"never": {val: 1}}

func init() {
	numbers[0] = 100
	table["three"] = 3
}

func main() {
	fmt.Println(numbers, len(numbers), cap(numbers))
	fmt.Println(array, second)
	fmt.Println(list.val, list.next.val, list.list, alias == list)
	for _, s := range shapes {
		if s != nil {
			fmt.Println(s.area())
		}
	}
	for _, m := range mixed {
		if p, ok := m.(*pair); ok {
			fmt.Println(*p, p == &array[1])
			continue
		}
		fmt.Printf("%T %v\n", m, m)
	}
	fmt.Println(errBad, errBad == errAgain, errors.Is(errBad, errBad))
	*part = 6
	fmt.Println(array[4], add(1, 2), named(4))
	keys := make([]string, 0, len(table))
	for k := range table {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Println(keys, nested[pair{"a", 1}], len(nested), ops["twice"](4), ops["neg"](4))
	bytes[0] = 'B'
	fmt.Println(string(bytes), len(bytes), word == nil, len(empty), size, grid)
	fmt.Println(*pointers[0], pointers[1], *pointers[2])
	ch <- 1
	fmt.Println(late, later, <-ch, floats)
	fmt.Println(changed, watcher, seen)
}
