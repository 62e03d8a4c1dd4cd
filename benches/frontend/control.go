// Control for the front end's speed: parses and checks a package of GOROOT with all it imports, every body,
// with the official go/parser and go/types in one process.
//
//	go run control.go [-p] PACKAGE    (-p parses files in parallel)
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"sync"
	"time"
)

var (
	parallel = flag.Bool("p", false, "parse in parallel")
	fset     = token.NewFileSet()
	done     = map[string]*types.Package{"unsafe": types.Unsafe}
	ctx      = build.Default
)

type importer struct{ dir string }

func (i importer) Import(path string) (*types.Package, error) { return check(path, i.dir) }

func check(path, from string) (*types.Package, error) {
	dir := filepath.Join(ctx.GOROOT, "src", path)
	if _, err := os.Stat(dir); err != nil {
		path = "vendor/" + path
		dir = filepath.Join(ctx.GOROOT, "src", path)
	}
	if p := done[path]; p != nil {
		return p, nil
	}
	bp, err := ctx.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	files := make([]*ast.File, len(bp.GoFiles))
	var wg sync.WaitGroup
	parse := func(i int) {
		files[i], err = parser.ParseFile(fset, filepath.Join(dir, bp.GoFiles[i]), nil, parser.SkipObjectResolution)
	}
	for i := range bp.GoFiles {
		if *parallel {
			wg.Go(func() { parse(i) })
		} else {
			parse(i)
		}
	}
	wg.Wait()
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{
		Importer: importer{dir}, Sizes: types.SizesFor("gc", "amd64"), FakeImportC: true,
		Error: func(err error) { fmt.Println(err) },
	}
	p, _ := conf.Check(path, fset, files, info)
	done[path] = p
	return p, nil
}

func main() {
	flag.Parse()
	ctx.CgoEnabled = false
	ctx.BuildTags = []string{"purego", "math_big_pure_go", "netgo", "osusergo"}
	start := time.Now()
	if _, err := check(flag.Arg(0), ""); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(done), "packages", time.Since(start))
}
