package main

// Map literals with many entries, most of them known at build time.

import "fmt"

type point struct{ x, y int }

type shape struct {
	name string
	at   [2]point
	draw func(int) int
	any  any
}

func double(n int) int { return 2 * n }
func square(n int) int { return n * n }

var calls int

func counted(s string) string { calls++; return s }

var words = map[string]int{
	"a0": 0, "a1": 1, "a2": 2, "a3": 3, "a4": 4, "a5": 5, "a6": 6, "a7": 7, "a8": 8, "a9": 9,
	"b0": 10, "b1": 11, "b2": 12, "b3": 13, "b4": 14, "b5": 15, "b6": 16, "b7": 17, "b8": 18, "b9": 19,
	"c0": 20, "c1": 21, "c2": 22, "c3": 23, "c4": 24, "c5": 25, "c6": 26, "c7": 27, "c8": 28, "c9": 29,
}

func shapes(extra string) map[any]shape {
	return map[any]shape{
		1: {name: "one", draw: double}, 2: {name: "two", any: 2}, 3: {at: [2]point{{1, 2}, {3, 4}}}, 4: {any: "four"},
		5: {}, 6: {}, 7: {}, 8: {}, 9: {}, 10: {draw: square}, 11: {}, 12: {}, 13: {}, 14: {}, 15: {}, 16: {}, 17: {}, 18: {},
		"s1": {name: "s"}, "s2": {name: "t"}, int8(3): {name: "int8"}, 2.5: {name: "half"}, 'x': {name: "rune"}, true: {name: "true"},
		uint(7): {}, uint(8): {}, uint(9): {}, point{1, 1}: {name: "point"}, [2]bool{true}: {name: "bools"}, nil: {name: "nil"},
		extra: {name: counted(extra)},
	}
}

func pointers(n int) map[int]*int {
	m := map[int]*int{
		0: nil, 1: &n, 2: nil, 3: nil, 4: nil, 5: nil, 6: nil, 7: nil, 8: nil, 9: nil, 10: nil, 11: nil, 12: nil, 13: nil,
		14: nil, 15: nil, 16: nil, 17: nil, 18: nil, 19: nil, 20: nil, 21: nil, 22: nil, 23: nil, 24: nil, 25: nil, 26: nil, 27: new(int),
	}
	return m
}

func generic[K comparable](k K) map[any]any {
	return map[any]any{
		0: k, 1: 1, 2: [1]K{k}, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10, 11: 11, 12: 12, 13: 13, 14: 14, 15: 15,
		16: 16, 17: 17, 18: 18, 19: 19, 20: 20, 21: 21, 22: 22, 23: 23, 24: 24, 25: 25, 26: 26, 27: [2]K{}, 28: 28, 29: 29,
	}
}

// Slices and pointers are new each time.
func fresh() map[int][]int {
	return map[int][]int{
		0: {0}, 1: {1}, 2: {2}, 3: {3}, 4: {4}, 5: {5}, 6: {6}, 7: {7}, 8: {8}, 9: {9}, 10: {10}, 11: {11}, 12: {12}, 13: {13},
		14: {14}, 15: {15}, 16: {16}, 17: {17}, 18: {18}, 19: {19}, 20: {20}, 21: {21}, 22: {22}, 23: {23}, 24: {24}, 25: {25}, 26: {26},
	}
}

func main() {
	sum := 0
	for k, v := range words {
		if fmt.Sprintf("%c%d", 'a'+v/10, v%10) != k {
			fmt.Println("wrong", k, v)
		}
		sum += v
	}
	fmt.Println(len(words), sum)
	for i := range 2 {
		m := shapes(fmt.Sprint("extra", i))
		fmt.Println(len(m), m[1].draw(21), m[10].draw(5), m[3].at, m[4].any, m[point{1, 1}].name, m[[2]bool{true}].name, m[nil].name, m[fmt.Sprint("extra", i)].name, m['x'].name, m[2].any, calls)
		m[1] = shape{}
	}
	p := pointers(5)
	fmt.Println(len(p), *p[1], *p[27], p[3] == nil)
	g := generic("k")
	fmt.Println(len(g), g[0], g[2], g[27])
	f := fresh()
	f[3][0] = 100
	fmt.Println(f[3], fresh()[3], len(f))
}
