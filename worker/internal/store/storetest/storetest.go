// Package storetest has the conformance suite that every bucket of package store passes, and the bucket in memory for
// tests of code that uses one.
package storetest

import "darkroom/worker/internal/store/memstore"

// Memory is a bucket in memory.
type Memory = memstore.Bucket

// NewMemory returns an empty bucket.
func NewMemory() *Memory { return memstore.New() }
