package fake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// folderError adds to err what to do if the data folder belongs to someone else or its disk is full.
func folderError(dir string, err error) error {
	var file *fs.PathError
	switch {
	case errors.Is(err, fs.ErrPermission) && errors.As(err, &file): // not a port
		return fmt.Errorf("data folder %s: user %d may not write there: make that user its owner, or set DATA to another folder: %w", dir, os.Getuid(), err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("data folder %s: its disk is full: free some space, or remove the folder and with it all photos: %w", dir, err)
	}
	return err
}
