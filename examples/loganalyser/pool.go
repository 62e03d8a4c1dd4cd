package main

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
)

// each runs work on every item, in as many goroutines as asked, and yields the results in the order of the items.
// It stops early if the context ends, work fails, or nobody wants more; no goroutine is left behind.
func each[T, R any](ctx context.Context, workers int, items []T, work func(context.Context, T) (R, error)) iter.Seq2[R, error] {
	type result struct {
		value R
		err   error
	}
	return func(yield func(R, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		// One place for each item: a worker never waits for the consumer.
		places := make([]chan result, len(items))
		for i := range places {
			places[i] = make(chan result, 1)
		}
		var next atomic.Int64
		var group sync.WaitGroup
		defer group.Wait()
		for range min(workers, len(items)) {
			group.Go(func() {
				for {
					i := int(next.Add(1)) - 1
					if i >= len(items) {
						return
					}
					if ctx.Err() != nil {
						places[i] <- result{err: context.Cause(ctx)}
						continue
					}
					places[i] <- guard(func() (r result) {
						r.value, r.err = work(ctx, items[i])
						return r
					}, func(p any) result { return result{err: fmt.Errorf("panic: %v", p)} })
				}
			})
		}
		for _, place := range places {
			r := <-place
			if !yield(r.value, r.err) {
				cancel()
				return
			}
		}
	}
}

// guard makes a panic of f a result.
func guard[R any](f func() R, failed func(any) R) (r R) {
	defer func() {
		if p := recover(); p != nil {
			r = failed(p)
		}
	}()
	return f()
}

// A progress counts what has been read, and tells whoever waits for a number to be reached.
type progress struct {
	mu      sync.Mutex
	changed *sync.Cond
	lines   int64
	files   int
}

func newProgress() *progress {
	p := new(progress)
	p.changed = sync.NewCond(&p.mu)
	return p
}

func (p *progress) add(lines int64) {
	p.mu.Lock()
	p.lines += lines
	p.files++
	p.mu.Unlock()
	p.changed.Broadcast()
}

func (p *progress) wait(files int) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.files < files {
		p.changed.Wait()
	}
	return p.lines
}
