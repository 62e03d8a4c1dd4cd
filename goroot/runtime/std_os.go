package runtime

import "unsafe"

// For packages os, syscall and internal/poll.

//go:linkname os_runtime_args os.runtime_args
func os_runtime_args() []string {
	var a [2]uintptr
	goargs(&a)
	return cstrings(unsafe.Pointer(a[1]), int(a[0]))
}

//go:linkname syscall_runtime_envs syscall.runtime_envs
func syscall_runtime_envs() []string {
	var a [2]uintptr
	goargs(&a)
	list := unsafe.Pointer(a[1] + (a[0]+1)*8)
	n := 0
	for *(*uintptr)(add(list, uintptr(n)*8)) != 0 {
		n++
	}
	return cstrings(list, n)
}

//go:linkname os_runtime_beforeExit os.runtime_beforeExit
func os_runtime_beforeExit(code int) { runExitHooks(code) }

//go:linkname syscall_Exit syscall.Exit
func syscall_Exit(code int) { exit(code) }

// Syscall6 is assembly in Go's convention: it may run between entersyscall and exitsyscall, where nothing
// can be allocated.
//
//go:linkname syscall6 internal/runtime/syscall/linux.Syscall6
func syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr)

//go:linkname syscall_rawSyscallNoError syscall.rawSyscallNoError
func syscall_rawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	r1, r2, _ = syscall6(trap, a1, a2, a3, 0, 0, 0)
	return
}

//go:linkname syscall_gettimeofday syscall.gettimeofday
func syscall_gettimeofday(tv *[2]int64) (errno uintptr) {
	walltime(tv)
	tv[1] /= 1000
	return 0
}

func fcntl(fd, cmd, arg int32) (ret int32, errno int32) {
	r, _, err := syscall6(72, uintptr(fd), uintptr(cmd), uintptr(arg), 0, 0, 0)
	if err != 0 {
		return -1, int32(err)
	}
	return int32(r), 0
}

//go:linkname syscall_runtimeSetenv syscall.runtimeSetenv
func syscall_runtimeSetenv(key, value string) { godebugSet(key, value) }

//go:linkname syscall_runtimeUnsetenv syscall.runtimeUnsetenv
func syscall_runtimeUnsetenv(key string) { godebugSet(key, "") }

//go:linkname syscall_Getpagesize syscall.Getpagesize
func syscall_Getpagesize() int { return 4096 }
