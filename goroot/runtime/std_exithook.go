package runtime

import _ "unsafe"

// For package internal/runtime/exithook, which few programs have: those that are built for coverage.

// exitHooks runs the hooks, if there may be any.
var exitHooks func(code int)

//go:linkname exithook_register internal/runtime/exithook.register
func exithook_register(run func(code int)) (gosched func(), goid func() uint64, throwing func(string)) {
	exitHooks = run
	return Gosched, func() uint64 { return getg().goid }, throw
}

func runExitHooks(code int) {
	if exitHooks != nil {
		exitHooks(code)
	}
}
