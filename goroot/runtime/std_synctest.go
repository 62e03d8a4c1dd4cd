package runtime

import "unsafe"

// For package internal/synctest: bubbles, see gmp/bubble.rs and wait/synctest.rs.

// A synctestBubble is known to native code, which makes it; here is its beginning.
type synctestBubble struct {
	id  uint64
	now int64
}

func bubblenew() *synctestBubble
func bubbleend(b *synctestBubble) bool
func bubbleidle(b *synctestBubble)
func bubbleadvance(b *synctestBubble) int
func bubbletimers(b *synctestBubble)
func bubblewaitbegin(b *synctestBubble) bool
func bubblewait(b *synctestBubble)
func bubblewaitend(b *synctestBubble)
func bubbleacquire(b *synctestBubble)
func bubblerelease(b *synctestBubble)
func bubbleassoc(p unsafe.Pointer, add bool) int
func bubbledisassoc(p unsafe.Pointer)

// A synctestDeadlockError says that goroutines of a bubble wait for ever.
type synctestDeadlockError struct {
	reason string
	bubble *synctestBubble
}

func (e synctestDeadlockError) Error() string { return "deadlock: " + e.reason }

// synctestRun runs f in a new bubble, and its timers whenever nothing else in the bubble runs, until all
// goroutines of the bubble have ended.
//
//go:linkname synctestRun internal/synctest.Run
func synctestRun(f func()) {
	if getg().bubble != nil {
		panic("synctest.Run called from within a synctest bubble")
	}
	b := bubblenew()
	go f()
	state := 0 // there are timers to run
	for state == 0 {
		bubbletimers(b)
		bubbleidle(b)
		state = bubbleadvance(b)
	}
	if bubbleend(b) {
		return
	}
	if state == 2 {
		panic(synctestDeadlockError{"main bubble goroutine has exited but blocked goroutines remain", b})
	}
	panic(synctestDeadlockError{"all goroutines in bubble are blocked", b})
}

//go:linkname synctestWait internal/synctest.Wait
func synctestWait() {
	b := getg().bubble
	if b == nil {
		panic("goroutine is not in a bubble")
	}
	if !bubblewaitbegin(b) {
		panic("wait already in progress")
	}
	bubblewait(b)
	bubblewaitend(b)
}

//go:linkname synctest_isInBubble internal/synctest.IsInBubble
func synctest_isInBubble() bool { return getg().bubble != nil }

//go:linkname synctest_acquire internal/synctest.acquire
func synctest_acquire() any {
	b := getg().bubble
	if b == nil {
		return nil
	}
	bubbleacquire(b)
	return b
}

//go:linkname synctest_release internal/synctest.release
func synctest_release(bubble any) { bubblerelease(bubble.(*synctestBubble)) }

//go:linkname synctest_inBubble internal/synctest.inBubble
func synctest_inBubble(bubble any, f func()) {
	gp := getg()
	if gp.bubble != nil {
		panic("goroutine is already bubbled")
	}
	gp.bubble = bubble.(*synctestBubble)
	defer leavebubble(gp)
	f()
}

func leavebubble(gp *g) { gp.bubble = nil }

//go:linkname synctest_associate internal/synctest.associate
func synctest_associate(p unsafe.Pointer) int { return bubbleassoc(p, true) }

//go:linkname synctest_disassociate internal/synctest.disassociate
func synctest_disassociate(p unsafe.Pointer) { bubbledisassoc(p) }

//go:linkname synctest_isAssociated internal/synctest.isAssociated
func synctest_isAssociated(p unsafe.Pointer) bool { return bubbleassoc(p, false) == 1 }
