// GODEBUG=gcpacertrace=1, scavtrace=1: the lines have the forms by which people and programs read them.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

const number = `-?[0-9.]+(e[-+][0-9]+)?`

var forms = []struct{ name, form string }{
	{"begin", `^pacer: assist ratio=N \(scan [0-9]+ MB in [0-9]+->[0-9]+ MB\) workers=[0-9]\+N$`},
	{"end", `^pacer: [0-9]+% CPU \(25 exp\.\) for [0-9]+\+[0-9]+\+[0-9]+ B work \([0-9]+ B exp\.\) in [0-9]+ B -> [0-9]+ B \(∆goal -?[0-9]+, cons/mark N\)$`},
	{"swept", `^pacer: sweep done at heap size [0-9]+MB; allocated [0-9]+MB during sweep; swept [0-9]+ pages at N pages/byte$`},
	{"scav", `^scav [0-9]+ KiB work \(bg\), [0-9]+ KiB work \(eager\), [0-9]+ KiB now, [0-9]+% util( \[controller reset\])?$`},
	{"forced", `^scav 0 KiB work \(bg\), [1-9][0-9]* KiB work \(eager\), [1-9][0-9]* KiB now, [0-9]+% util \(forced\)$`},
}

type node struct {
	next *node
	data [1000]byte
}

func allocate() {
	var keep [64]*node
	for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
		for i := range 20000 {
			keep[i%len(keep)] = &node{next: keep[(i+7)%len(keep)]}
			if i%100 == 0 {
				clear(keep[:])
			}
		}
	}
	debug.FreeOSMemory()
}

func main() {
	if len(os.Args) > 1 {
		allocate()
		return
	}
	for _, setting := range []string{"gcpacertrace=1", "scavtrace=1", "gcpacertrace=0"} {
		cmd := exec.Command(os.Args[0], "allocate")
		cmd.Env = append(os.Environ(), "GODEBUG="+setting)
		out, err := cmd.CombinedOutput()
		fmt.Println(setting, err)
		seen := map[string]bool{}
	lines:
		for line := range strings.Lines(string(out)) {
			line = strings.TrimSuffix(line, "\n")
			for _, f := range forms {
				if regexp.MustCompile(strings.ReplaceAll(f.form, "N", number)).MatchString(line) {
					seen[f.name] = true
					continue lines
				}
			}
			fmt.Println("?", line)
		}
		for _, f := range forms {
			fmt.Print(" ", f.name, " ", seen[f.name])
		}
		fmt.Println()
	}
}
