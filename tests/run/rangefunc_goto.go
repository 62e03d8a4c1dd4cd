// goto in and out of the bodies of ranges over functions.
package main

import "fmt"

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer fmt.Println("iterator", n, "over")
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func out(stop int) (r string) {
	defer func() { r += "!" }()
	tries := 0
again:
	tries++
	for i := range count(5) {
		if i == 1 {
			goto inside
		}
		if i == stop && tries < 3 {
			goto again
		}
		continue
	inside:
		if tries == 2 {
			goto done
		}
	}
	return fmt.Sprint("fell through after ", tries)
done:
	return fmt.Sprint("done after ", tries)
}

func nested() int {
	sum := 0
retry:
	for i := range count(3) {
	inner:
		for j := range count(4) {
			for k := range count(2) {
				sum += i + j + k + 1
				switch {
				case sum == 7:
					goto middle
				case sum > 20 && sum < 30:
					goto retry
				case sum > 60:
					goto end
				case j == 3:
					break inner
				case k == 1:
					continue inner
				}
			}
		}
		continue
	middle:
		sum += 10
	}
	return -sum
end:
	return sum
}

func main() {
	fmt.Println(out(2))
	fmt.Println(out(0))
	fmt.Println(nested())
}
