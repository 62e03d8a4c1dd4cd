// strings, strconv, sort, errors, sync, encoding/json.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
)

type A struct {
	Name string             `json:"name"`
	N    int                `json:"n"`
	M    map[string]float64 `json:"m"`
}

func main() {
	var sb strings.Builder
	for i := 0; i < 5; i++ {
		sb.WriteString(strconv.Itoa(i))
	}
	fmt.Println(sb.String(), strings.Repeat("ab", 3), strings.Split("a,b,c", ","))
	x := []int{3, 1, 2}
	sort.Ints(x)
	fmt.Println(x, errors.New("e"), fmt.Errorf("w: %w", os.ErrNotExist))
	var wg sync.WaitGroup
	var mu sync.Mutex
	n := 0
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func() { defer wg.Done(); mu.Lock(); n += i; mu.Unlock() }()
	}
	wg.Wait()
	fmt.Println(n)
	b, err := json.Marshal(A{"x", 1, map[string]float64{"q": 1.5}})
	fmt.Println(string(b), err)
}
