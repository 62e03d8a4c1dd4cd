// Files in the executable, values from the build's command line, what the executable knows of its build.
package main

import (
	"embed"
	_ "embed"
	"fmt"
	"io/fs"
	"runtime"
	"runtime/debug"

	"example.org/embedded/stamp"
)

var (
	version = "unknown"
	unset   = "something"
	kept    = "kept"
)

//go:embed files/hello.txt
var hello string

//go:embed raw.bin
var raw []byte

//go:embed files
var files embed.FS

//go:embed all:files raw.bin
var all embed.FS

//go:embed files/sub/*.json "raw.bin"
var some embed.FS

func list(name string, fsys fs.FS) {
	fmt.Println(name)
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Println(" ", path, info.Mode(), info.Size(), d.IsDir())
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
}

func main() {
	fmt.Printf("%q %v\n", hello, raw)
	raw[0] = 7
	fmt.Println(raw)
	list("files", files)
	list("all", all)
	list("some", some)
	b, err := files.ReadFile("files/sub/data.json")
	fmt.Printf("%s %v\n", b, err)
	_, err = files.ReadFile("files/none")
	fmt.Println(err)
	_, err = files.Open("../main.go")
	fmt.Println(err)

	fmt.Printf("%q %q %q %q\n", version, unset, kept, stamp.Text)

	_, file, _, _ := runtime.Caller(0)
	fmt.Println(file, stamp.Where())

	info, ok := debug.ReadBuildInfo()
	fmt.Println(ok, info.Path, info.Main.Path, len(info.Deps))
	for _, s := range info.Settings {
		switch s.Key {
		case "-ldflags", "-trimpath", "GOOS", "GOARCH", "DefaultGODEBUG":
			fmt.Println(s.Key, s.Value)
		}
	}
}
