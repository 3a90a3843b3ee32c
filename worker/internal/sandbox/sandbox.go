// Package sandbox runs codecs that are compiled to WebAssembly. A codec sees only the bytes that it is given. Any fault
// in it, such as an access out of bounds, is an error of the call.
//
// The codec libraries can run their modules themselves. But they leave the linear memory to the runtime, which copies
// it each time it grows, and they copy the result several times. A decode then takes three to five times the memory
// that the codec needs. With this package, the caller says how much the codec needs, and reads the result where the
// codec left it.
//
// A codec stops when its context ends, whatever it is doing.
package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// ErrMemory means that a codec addressed memory that it does not have.
var ErrMemory = errors.New("address outside of the codec's memory")

// Module is a codec. It is compiled when it first runs, which briefly takes up to 100 MB. A separate goroutine compiles
// it, so its processor time does not count for the photo that happens to come first.
type Module struct {
	compile func() (compiled, error)
}

type compiled struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// NewModule returns the codec whose WebAssembly is in packed, compressed by gzip.
func NewModule(packed *[]byte) *Module {
	return &Module{compile: sync.OnceValues(func() (c compiled, err error) {
		var compiling sync.WaitGroup
		compiling.Go(func() { c, err = compile(*packed) })
		compiling.Wait()
		return c, err
	})}
}

func compile(packed []byte) (compiled, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return compiled{}, fmt.Errorf("unpack codec: %w", err)
	}
	code, err := io.ReadAll(z)
	if err != nil {
		return compiled{}, fmt.Errorf("unpack codec: %w", err)
	}
	if code, err = interruptible(code); err != nil {
		return compiled{}, fmt.Errorf("compile codec: %w", err)
	}
	ctx := context.Background()
	c := compiled{runtime: wazero.NewRuntime(ctx)}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, c.runtime); err != nil {
		return compiled{}, fmt.Errorf("compile codec: %w", err)
	}
	if c.module, err = c.runtime.CompileModule(ctx, code); err != nil {
		return compiled{}, fmt.Errorf("compile codec: %w", err)
	}
	return c, nil
}

// Run calls the codec in an instance of its own, whose linear memory is mem. After use returns, Run wipes that memory.
// A panic of use is an error too. When ctx ends, Run stops the codec and returns the error of ctx.
func (m *Module) Run(ctx context.Context, mem *Memory, use func(*Instance) error) (err error) {
	c, err := m.compile()
	if err != nil {
		return err
	}
	stopped := make(chan struct{})
	running := context.AfterFunc(ctx, func() {
		mem.stop()
		close(stopped)
	})
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if !running() {
			<-stopped
			err = ctx.Err()
		}
	}()
	ctx = experimental.WithMemoryAllocator(ctx, mem)
	module, err := c.runtime.InstantiateModule(ctx, c.module, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return fmt.Errorf("start codec: %w", err)
	}
	defer module.Close(ctx)
	return use(&Instance{ctx: ctx, module: module})
}

// Instance is a running codec. It must not be used after the function that it was passed to returns.
type Instance struct {
	ctx    context.Context
	module api.Module
}

// Call calls a function of the codec and returns its first result. It first checks the context.
func (i *Instance) Call(name string, args ...uint64) (uint64, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	f := i.module.ExportedFunction(name)
	if f == nil {
		return 0, fmt.Errorf("the codec has no function %s", name)
	}
	res, err := f.Call(i.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(res) == 0 {
		return 0, nil
	}
	return res[0], nil
}

// Alloc has the codec allocate memory and returns its address.
func (i *Instance) Alloc(size int) (uint64, error) {
	at, err := i.Call("malloc", uint64(size))
	if err == nil && at == 0 && size > 0 {
		err = fmt.Errorf("the codec cannot allocate %d bytes", size)
	}
	return at, err
}

// Put has the codec allocate memory, copies data to it, and returns its address.
func (i *Instance) Put(data []byte) (uint64, error) {
	at, err := i.Alloc(len(data))
	if err != nil {
		return 0, err
	}
	if !i.module.Memory().Write(uint32(at), data) {
		return 0, ErrMemory
	}
	return at, nil
}

// Bytes returns the codec's memory at an address. It is not a copy: the next call may move it.
func (i *Instance) Bytes(at uint64, size int) ([]byte, error) {
	if at > 1<<32-1 || size < 0 || uint64(size) > 1<<32-1 {
		return nil, ErrMemory
	}
	b, ok := i.module.Memory().Read(uint32(at), uint32(size))
	if !ok {
		return nil, ErrMemory
	}
	return b, nil
}

// Encode calls the codec's function encode and returns a copy of the file that it writes. The function takes the
// address of the pixels, width, height, the address for the length of the file, and the options. It returns the address
// of the file.
func (i *Instance) Encode(pix []byte, width, height int, options ...uint64) ([]byte, error) {
	in, err := i.Put(pix)
	if err != nil {
		return nil, err
	}
	length, err := i.Alloc(8)
	if err != nil {
		return nil, err
	}
	at, err := i.Call("encode", append([]uint64{in, uint64(width), uint64(height), length}, options...)...)
	if err != nil {
		return nil, err
	}
	n, err := i.ReadUint32(length)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("the codec cannot encode %d x %d pixels", width, height)
	}
	file, err := i.Bytes(at, n)
	return bytes.Clone(file), err
}

// ReadUint32 returns the number at an address.
func (i *Instance) ReadUint32(at uint64) (int, error) {
	v, ok := i.module.Memory().ReadUint32Le(uint32(at))
	if !ok {
		return 0, ErrMemory
	}
	return int(v), nil
}
