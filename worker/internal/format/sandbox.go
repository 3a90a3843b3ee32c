package format

// CheckSandbox returns an error if a system library replaces a codec that should run in WebAssembly. Untrusted files
// would then reach C code outside a sandbox. Unless built with the tag nodynamic, the codec packages load libavif and
// libwebp if the system has them. A program calls CheckSandbox first, and does not start if it fails.
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
