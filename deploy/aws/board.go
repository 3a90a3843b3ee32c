package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"darkroom/deploy/web"
)

// pageFolder holds the files of the board page, below the root of the repository.
const pageFolder = "deploy/web/page"

// publishBoard uploads the files of the board page if the stack has a bucket for them. The page itself comes last, so that it
// never refers to a file that is not there. Browsers revalidate every file, and so does CloudFront.
func (d *deployment) publishBoard(ctx context.Context, outputs map[string]string) error {
	if d.DryRun && given(d.Parameters)["PublishBoard"] == "yes" {
		outputs = map[string]string{"BoardBucket": "$BoardBucket", "BoardConfig": "{}"}
	}
	bucket := outputs["BoardBucket"]
	if bucket == "" {
		return nil
	}
	config := filepath.Join(d.work, "config.json")
	if d.DryRun {
		d.shell.printf("# write the output BoardConfig to %s\n", config)
	} else if err := writeBoardConfig(outputs["BoardConfig"], config); err != nil {
		return err
	}
	upload := func(from, to, extension string, more ...string) error {
		args := []string{"--only-show-errors", "--content-type", web.Types[extension], "--cache-control", web.CacheControl}
		return d.shell.run(ctx, d.Target.aws(slices.Concat([]string{"s3", "cp"}, args, more, []string{from, "s3://" + bucket + "/" + to})...))
	}
	for _, extension := range slices.Sorted(maps.Keys(web.Types)) {
		if extension == ".html" || extension == ".json" {
			continue // the page and its configuration, which are not in the folder page of the bucket
		}
		if err := upload(pageFolder, "page/", extension, "--recursive", "--exclude", "*", "--include", "*"+extension); err != nil {
			return err
		}
	}
	if err := upload(config, "config.json", ".json"); err != nil {
		return err
	}
	return upload(pageFolder+"/index.html", "index.html", ".html")
}

// writeBoardConfig writes the page's configuration, a JSON text, to a file if the page can use it.
func writeBoardConfig(text, file string) error {
	var c web.Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return fmt.Errorf("output BoardConfig %q: %w", text, err)
	}
	if err := c.Validate(); err != nil {
		return fmt.Errorf("output BoardConfig: %w", err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("output BoardConfig: %w", err)
	}
	return os.WriteFile(file, b, 0o600)
}
