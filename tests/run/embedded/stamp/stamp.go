// Package stamp has a string that the command line of the build sets.
package stamp

import "runtime"

var Text = "none"

// Where is the file of this package, as the executable knows it.
func Where() string {
	_, file, line, ok := runtime.Caller(0)
	if !ok || line == 0 {
		return "?"
	}
	return file
}
