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
func os_runtime_beforeExit(code int) {}

//go:linkname syscall_Exit syscall.Exit
func syscall_Exit(code int) { exit(code) }

//go:linkname os_sigpipe os.sigpipe
func os_sigpipe() { exit(2) }

//go:linkname os_checkClonePidfd os.checkClonePidfd
func os_checkClonePidfd() error {
	return plainError("clone with a pidfd is not supported")
}

//go:linkname syscall_Syscall6 internal/runtime/syscall/linux.Syscall6
func syscall_Syscall6(num, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr) {
	args := [7]uintptr{num, a1, a2, a3, a4, a5, a6}
	r := rawsyscall(&args)
	if r < 0 && r >= -4095 {
		return ^uintptr(0), 0, uintptr(-r)
	}
	return uintptr(r), 0, 0
}

//go:linkname syscall_rawSyscallNoError syscall.rawSyscallNoError
func syscall_rawSyscallNoError(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
	args := [7]uintptr{trap, a1, a2, a3, 0, 0, 0}
	return uintptr(rawsyscall(&args)), 0
}

//go:linkname syscall_gettimeofday syscall.gettimeofday
func syscall_gettimeofday(tv *[2]int64) (errno uintptr) {
	walltime(tv)
	tv[1] /= 1000
	return 0
}

func fcntl(fd, cmd, arg int32) (ret int32, errno int32) {
	args := [7]uintptr{72, uintptr(fd), uintptr(cmd), uintptr(arg), 0, 0, 0}
	r := rawsyscall(&args)
	if r < 0 {
		return -1, int32(-r)
	}
	return int32(r), 0
}

//go:linkname syscall_runtimeSetenv syscall.runtimeSetenv
func syscall_runtimeSetenv(key, value string) {}

//go:linkname syscall_runtimeUnsetenv syscall.runtimeUnsetenv
func syscall_runtimeUnsetenv(key string) {}
