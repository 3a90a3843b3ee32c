package raster

import (
	"context"
	"sync"
)

// mostKept is how many bytes of kernels are kept.
const mostKept = 2 << 20

// Kernels calculates the filter's weights and keeps them, at most 2 MB, since photos come in few sizes: those of
// cameras. Any number of goroutines may use it. The zero value is ready.
type Kernels struct {
	mu   sync.Mutex
	kept map[axis]*kernel
	size int64
}

func (k *kernel) size() int64 { return int64(len(k.starts)*4 + len(k.weights)*2 + 128) }

// kernel returns the kernel of an axis. When there is no room for another, all are dropped: the sizes that are in use
// come back with their next photo.
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
