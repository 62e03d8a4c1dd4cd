package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A store is the folder of gort's cache; there is none if it has no name. Names, times of last use and what happens to files that
// nobody finishes are as in crates/gort/src/cache/store.rs; at the ends of files is SHA-256, which the library has.
type store struct{ dir string }

func (s store) path(key, suffix string) string {
	return filepath.Join(s.dir, key[:2], key+suffix)
}

// read is what is kept under a key.
func (s store) read(key string) []byte {
	if s.dir == "" {
		return nil
	}
	path := s.path(key, ".v")
	all, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	at := len(all) - sha256.Size
	if at < 0 || sha256.Sum256(all[:at]) != [sha256.Size]byte(all[at:]) {
		os.Remove(path)
		return nil
	}
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
		now := time.Now()
		os.Chtimes(path, now, now)
	}
	return all[:at:at]
}

func (s store) write(key string, bytes []byte) {
	if s.dir == "" {
		return
	}
	path := s.path(key, ".v")
	beside := s.path(key, fmt.Sprintf(".%d-%x.tmp", os.Getpid(), time.Now().UnixNano()))
	sum := sha256.Sum256(bytes)
	all := append(bytes[:len(bytes):len(bytes)], sum[:]...)
	os.MkdirAll(filepath.Dir(path), 0o777)
	if os.WriteFile(beside, all, 0o666) != nil || os.Rename(beside, path) != nil {
		os.Remove(beside)
	}
}
