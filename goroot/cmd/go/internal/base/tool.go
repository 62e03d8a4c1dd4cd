package base

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"cmd/go/internal/cfg"
	"cmd/internal/par"
)

// A GOROOT may be without pkg/tool, or without some of what official Go's has. gort, which has compiled this command, then
// compiles the tool as well: $GORT_MAKES names its executable. Tools that are there are taken: they are official Go's own.
const maker = "GORT_MAKES"

// Folders of src/cmd that are no tools; of dist, official Go has no executable either, and does without.
var noTools = []string{"dist", "go", "gofmt", "internal", "vendor"}

var found par.ErrCache[string, string]

// Tool is where a tool is; without it, the command ends.
func Tool(name string) string {
	path, err := ToolPath(name)
	// With -toolexec the tool need not exist.
	if err == nil || len(cfg.BuildToolexec) > 0 {
		return path
	}
	fmt.Fprintf(os.Stderr, "go: no such tool %q\n", name)
	var failed *failedTool
	if errors.As(err, &failed) {
		fmt.Fprintln(os.Stderr, failed)
	}
	SetExitStatus(2)
	Exit()
	panic("unreachable")
}

// ToolPath is where a tool is, or would be.
func ToolPath(name string) (string, error) {
	if !ValidToolName(name) {
		return "", fmt.Errorf("bad tool name: %q", name)
	}
	installed := filepath.Join(build.ToolDir, name+cfg.ToolExeSuffix())
	path, err := found.Do(name, func() (string, error) {
		_, err := os.Stat(installed)
		if !errors.Is(err, fs.ErrNotExist) {
			return installed, err
		}
		return made(name, err)
	})
	if err != nil {
		return installed, err
	}
	return path, nil
}

// made is a tool of GOROOT's sources, compiled by gort; missing if it has none of this name.
func made(name string, missing error) (string, error) {
	gort := os.Getenv(maker)
	for _, other := range noTools {
		if name == other {
			return "", missing
		}
	}
	sources, _ := filepath.Glob(filepath.Join(cfg.GOROOTsrc, "cmd", name, "*.go"))
	if gort == "" || len(sources) == 0 {
		return "", missing
	}
	command := exec.Command(gort, "tool-path", name)
	var said bytes.Buffer
	command.Stderr = &said
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&fs.ModeCharDevice != 0 {
		// What it does is said at a terminal.
		command.Stderr = os.Stderr
	}
	out, err := command.Output()
	if err != nil {
		return "", &failedTool{strings.TrimSpace(said.String()), err}
	}
	return strings.TrimSpace(string(out)), nil
}

// A failedTool could not be compiled.
type failedTool struct {
	said string
	err  error
}

func (f *failedTool) Error() string {
	if f.said == "" {
		return f.err.Error()
	}
	return f.said
}

func (f *failedTool) Unwrap() error { return f.err }

// ValidToolName reports whether this may be the name of a tool: lower-case letters, digits and underscores.
func ValidToolName(name string) bool {
	other := func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_') }
	return name != "" && !strings.ContainsFunc(name, other)
}
