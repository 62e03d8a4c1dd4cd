package runtime

import "unsafe"

// Coroutines, for iter.Pull. The natives know the first two fields.

type coro struct {
	parked unsafe.Pointer // the goroutine that waits
	bound  unsafe.Pointer // the thread that both sides must run on, if the maker was locked to one
	f      func(*coro)
}

func coronew(c *coro, fn func())

// coroexit ends the goroutine, and runs the other side for good.
func coroexit(c *coro)

// coroswitch runs the other side until it switches back.
func coroswitch(c *coro)

func newcoro(f func(*coro)) *coro {
	c := &coro{f: f}
	coronew(c, func() {
		// Deferred, because f may end by Goexit.
		defer coroexit(c)
		c.f(c)
	})
	return c
}
