package runtime

import "unsafe"

// For package os/signal.

func sigenable(sig uint32)
func sigdisable(sig uint32)
func sigignore(sig uint32)
func sigignored(sig uint32) bool
func sigtake() uint32
func sigpending() bool
func sigseq() *uint32
func sigsend(sig uint32) bool
func sigdie(sig uint32)

//go:linkname signal_enable os/signal.signal_enable
func signal_enable(sig uint32) { sigenable(sig) }

//go:linkname signal_disable os/signal.signal_disable
func signal_disable(sig uint32) { sigdisable(sig) }

//go:linkname signal_ignore os/signal.signal_ignore
func signal_ignore(sig uint32) { sigignore(sig) }

//go:linkname signal_ignored os/signal.signal_ignored
func signal_ignored(sig uint32) bool { return sigignored(sig) }

// signalSleeps is whether the receiver has found nothing and is about to sleep, or sleeps.
var signalSleeps bool

// signal_recv gives the next signal; while there is none it sleeps as in a system call.
//
//go:linkname signal_recv os/signal.signal_recv
func signal_recv() uint32 {
	const futexWaitPrivate = 128
	word := sigseq()
	for {
		seen := *word
		if sig := sigtake(); sig != 0 {
			return sig
		}
		signalSleeps = true
		entersyscall()
		syscall6(202, uintptr(unsafe.Pointer(word)), futexWaitPrivate, uintptr(seen), 0, 0, 0)
		exitsyscall()
		signalSleeps = false
	}
}

// signalWaitUntilIdle waits until all signals that have arrived are with the receiver.
//
//go:linkname signalWaitUntilIdle os/signal.signalWaitUntilIdle
func signalWaitUntilIdle() {
	for sigpending() || !signalSleeps {
		Gosched()
	}
}

// A write to a broken pipe on standard output or error ends the program, unless it handles SIGPIPE.
//
//go:linkname os_sigpipe os.sigpipe
func os_sigpipe() {
	const sigpipe = 13
	if !sigignored(sigpipe) && !sigsend(sigpipe) {
		sigdie(sigpipe)
	}
}
