package abi

// escapeNonString is what EscapeNonString does with a type that has pointers besides those of strings: calls of it are
// made calls of this function.
func escapeNonString[T any](v T) {
	if alwaysFalse {
		escapeSink = v
	}
}
