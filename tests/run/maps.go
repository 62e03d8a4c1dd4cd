// Maps: plain, string, struct, interface and float keys; large keys and elements; iteration; clear; nil maps.
package main

type K struct {
	a int
	s string
}

type big [40]int

func main() {
	m := make(map[string]int)
	m["a"] = 1
	m["b"] += 2
	println(m["a"], m["b"], m["c"], len(m))
	n := map[int]string{1: "x", 2: "y"}
	for i := 0; i < 1000; i++ {
		n[i] = "z"
	}
	s := 0
	for k, v := range n {
		s += k + len(v)
	}
	println(len(n), s)
	delete(n, 5)
	_, ok := n[5]
	println(ok, len(n))
	x := map[K]bool{{1, "a"}: true}
	println(x[K{1, "a"}], x[K{2, "a"}])
	y := map[any]int{1: 1, "a": 2, 1.5: 3, K{1, "q"}: 4}
	println(y[1], y["a"], y[1.5], y[2], y[K{1, "q"}])
	z := map[big]big{}
	z[big{3: 1}] = big{4: 2}
	println(z[big{3: 1}][4], z[big{}][4], len(z))
	f := map[float64]int{}
	zero := 0.0
	f[zero] = 1
	f[-zero]++
	nan := zero / zero
	f[nan] = 1
	f[nan] = 1
	println(f[0], len(f))
	clear(f)
	println(len(f))
	var none map[string]int
	println(none["a"], len(none))
	defer func() {
		println(recover().(error).Error())
		defer func() { println(recover().(error).Error()) }()
		y[[]int{1}] = 2
	}()
	none["b"] = 1
}
