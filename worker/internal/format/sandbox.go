package format

// CheckSandbox returns an error if a library of the system replaces a codec that should run in WebAssembly: C code that
// untrusted files would reach outside of a sandbox. The codec libraries load libavif and libwebp where they find them,
// unless they are built with the tag nodynamic. A program calls it first, and refuses to start on an error.
func CheckSandbox() error {
	for _, f := range table {
		if f.checkSandbox == nil {
			continue
		}
		if err := f.checkSandbox(); err != nil {
			return err
		}
	}
	return nil
}
