// Command probe decodes the file that it is given with package heif. It exits with 3 if the package refuses because a
// system library is in use. TestSystemLibrary builds it in both ways.
package main

import (
	"errors"
	"fmt"
	"os"

	"darkroom/worker/internal/heif"
)

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err == nil {
		_, err = heif.Decode(data)
	}
	if err != nil {
		fmt.Println(err)
		if errors.Is(err, heif.ErrSystemLibrary) && errors.Is(heif.Check(), heif.ErrSystemLibrary) {
			os.Exit(3)
		}
		os.Exit(1)
	}
	fmt.Println("decoded")
}
