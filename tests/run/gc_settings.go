package main

// GOGC and GOMEMLIMIT, what replaces them, and what runtime/metrics says of both.

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"
)

func number(name string) int64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

func show() {
	gogc, limit := number("/gc/gogc:percent"), number("/gc/gomemlimit:bytes")
	fmt.Print(gogc, " ", limit == math.MaxInt64, limit>>20)
	fmt.Print(" old: ", debug.SetGCPercent(50), " ", debug.SetGCPercent(-7), " ", debug.SetGCPercent(100))
	fmt.Print(" limit: ", debug.SetMemoryLimit(-1) == limit, debug.SetMemoryLimit(1<<40) == limit, debug.SetMemoryLimit(-1)>>20)
	debug.SetGCPercent(250)
	debug.SetMemoryLimit(1 << 35)
	fmt.Println(" now:", number("/gc/gogc:percent"), number("/gc/gomemlimit:bytes")>>20)
}

func main() {
	if len(os.Args) > 1 {
		show()
		return
	}
	for _, env := range []string{
		"GOGC=", "GOGC=off", "GOGC=0", "GOGC=200", "GOGC=+30", "GOGC=-5", "GOGC=x", "GOGC=2147483647", "GOGC=2147483648",
		"GOGC=1_0", "GOGC=OFF",
		"GOMEMLIMIT=", "GOMEMLIMIT=off", "GOMEMLIMIT=20MiB", "GOMEMLIMIT=3GiB", "GOMEMLIMIT=123456789", "GOMEMLIMIT=5000000B",
		"GOMEMLIMIT=20MB", "GOMEMLIMIT=x", "GOMEMLIMIT=9999TiB", "GOMEMLIMIT=99999999TiB", "GOMEMLIMIT=1.5GiB",
	} {
		cmd := exec.Command(os.Args[0], "show")
		cmd.Env = append(cmd.Environ(), env)
		out, err := cmd.CombinedOutput()
		lines := strings.SplitN(string(out), "\n", 3)
		fmt.Println(env, "→", lines[0])
		if err != nil {
			fmt.Println("\t", lines[1], err)
		}
	}
	var s debug.GCStats
	s.PauseQuantiles = make([]time.Duration, 5)
	debug.FreeOSMemory()
	debug.ReadGCStats(&s)
	fmt.Println(len(s.Pause) == int(s.NumGC), len(s.PauseEnd) == int(s.NumGC), len(s.PauseQuantiles))
}
