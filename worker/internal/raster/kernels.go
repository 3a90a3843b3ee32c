package raster

import (
	"context"
	"sync"
)

// mostKept is the most bytes of kernels that are kept.
const mostKept = 2 << 20

// Kernels calculates the weights of the filter and keeps them, at most 2 MB. Photos come in few sizes, those of
// cameras, so most kernels are used again. Any number of goroutines may use it. The zero value is ready.
type Kernels struct {
	mu   sync.Mutex
	kept map[axis]*kernel
	size int64
}

func (k *kernel) size() int64 { return int64(len(k.starts)*4 + len(k.weights)*2 + 128) }

// kernel returns the kernel of an axis. If there is no room for another, it drops all of them. The sizes in use return
// with their next photo.
func (c *Kernels) kernel(ctx context.Context, a axis) (*kernel, error) {
	c.mu.Lock()
	k := c.kept[a]
	c.mu.Unlock()
	if k != nil {
		return k, nil
	}
	k, err := a.kernel(ctx)
	if err != nil || k.size() > mostKept/8 {
		return k, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || c.size+k.size() > mostKept {
		c.kept, c.size = map[axis]*kernel{}, 0
	}
	if _, other := c.kept[a]; !other {
		c.kept[a] = k
		c.size += k.size()
	}
	return k, nil
}
