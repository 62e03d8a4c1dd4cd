package main

// Functions marked nosplit with large frames, at every distance from the end of a goroutine's first segment. Below it
// lies the neighbour, which must stay as it was.

//go:nosplit
//go:noinline
func wide(n int) int {
	var a [64]int
	for i := range a {
		a[(i*11+n)%64] = i - n
	}
	return a[n%64] - a[(n+11)%64]
}

//go:nosplit
//go:noinline
func chain(n int) int { return wide(n) + wide(n+1) }

//go:noinline
func down(n, depth int) int {
	if depth == 0 {
		return chain(n)
	}
	return 1 + down(n, depth-1)
}

func main() {
	const n = 400
	in, out := make([]chan int, n), make(chan int)
	done := make(chan int)
	for i := range in {
		in[i] = make(chan int)
		go func() { out <- <-in[i] }()
		go func() {
			sum := 0
			for d := range 50 {
				sum += down(i, d)
			}
			done <- sum
		}()
	}
	sum := 0
	for range n {
		sum += <-done
	}
	println(sum)
	for i, c := range in {
		c <- i
	}
	sum = 0
	for range n {
		sum += <-out
	}
	println(sum == n*(n-1)/2)
}
