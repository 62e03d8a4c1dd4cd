package runtime

// How cycles of the collector begin. There is no collector yet: what runs before a cycle runs, and that is all.

func stopworld() bool
func startworld()
func gcbegin()
func gcforce()
func gcwait()

// poolcleanup is sync.Pool's: it wants to be called while nobody else runs.
var poolcleanup func()

// GC runs a garbage collection and blocks the caller until it is complete.
func GC() {
	begincycle()
	gcforce()
}

// gchelper begins the cycles that nobody has called for; see gc/helper.rs, which starts it.
func gchelper() {
	for {
		gcwait()
		begincycle()
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

// begincycle stops the world, runs the hooks of packages, and begins a cycle.
func begincycle() {
	stopworldpinned()
	if poolcleanup != nil {
		poolcleanup()
	}
	gcbegin()
	startworld()
	procunpin()
}
