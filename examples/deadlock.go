// Main waits for a value that nobody sends: the runtime finds out and says so.
package main

func main() {
	ch := make(chan int)
	println(<-ch)
}
