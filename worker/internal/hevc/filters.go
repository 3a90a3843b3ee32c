package hevc

// filterRows is the memory of the loop filters.
type filterRows struct{}

// filterLoop applies the deblocking filter (8.7.2) and sample adaptive offset (8.7.3) to the picture.
func (f *frame) filterLoop() {}
