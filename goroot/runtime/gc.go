package runtime

// How cycles of the collector begin.

func stopworld() bool
func startworld()
func releasesome() bool
func gcsweepsome() bool
func gcbegin(forced bool) (cycle uint32)
func gcforce(cycle uint32)
func gcwait()

// poolcleanup is sync.Pool's: it wants to be called while nobody else runs.
var poolcleanup func()

// GC runs a garbage collection and blocks the caller until it is complete.
func GC() {
	gcforce(begincycle(true))
	sweepall()
}

// sweepall returns when nothing is left to sweep of the last cycle.
func sweepall() {
	for gcsweepsome() {
		Gosched()
	}
}

// gchelper does what is to be done once a cycle; see gc/helper.rs, which starts it.
func gchelper() {
	for {
		gcwait()
		begincycle(false)
	}
}

// stopworldpinned pins the goroutine, so that it does not lose the one P that runs, and stops the world.
func stopworldpinned() {
	procpin()
	for !stopworld() {
		procunpin()
		Gosched() // somebody else stops the world just now
		procpin()
	}
}

// begincycle stops the world, runs the hooks of packages, and begins a cycle if one is called for and none under way. It returns
// the number of the first one that begins from now on.
func begincycle(forced bool) uint32 {
	sweepall()
	stopworldpinned()
	if poolcleanup != nil {
		poolcleanup()
	}
	cycle := gcbegin(forced)
	startworld()
	procunpin()
	return cycle
}
