package raster

import (
	"context"
	"sync"
)

// maxKept is how many bytes of kernels are kept at most.
const maxKept = 2 << 20

// Kernels calculates the weights of the filter and keeps them, at most 2 MB. Photos have few sizes, those of cameras,
// so most kernels are used again. Kernels is safe for concurrent use. The zero value is ready.
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
	if err != nil || k.size() > maxKept/8 {
		return k, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || c.size+k.size() > maxKept {
		c.kept, c.size = map[axis]*kernel{}, 0
	}
	if _, other := c.kept[a]; !other {
		c.kept[a] = k
		c.size += k.size()
	}
	return k, nil
}
