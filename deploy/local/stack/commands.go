package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/supervise"
	"darkroom/worker/process"
)

// base is what every process gets of this one's environment, and how it logs.
func base() []string {
	env := []string{"LOG_FORMAT=json"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// clientEnv is the environment of a client of the stand-in for AWS. Files of the user's own AWS accounts are out of
// its sight.
func clientEnv(a Addresses) []string {
	return append(base(),
		"AWS_REGION="+fake.Region, "AWS_ACCESS_KEY_ID="+fake.AccessKey, "AWS_SECRET_ACCESS_KEY="+fake.SecretKey,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL_S3="+a.S3, "AWS_ENDPOINT_URL_SQS="+a.SQS,
		"UPLOADS_BUCKET="+fake.Uploads, "VARIANTS_BUCKET="+fake.Variants,
	)
}

func (c Config) awsCommand(a Addresses) supervise.Command {
	listen := fake.Config{S3Addr: hostPort(a.S3), SQSAddr: hostPort(a.SQS), IssuerAddr: hostPort(a.Issuer)}
	args := []string{"aws", "--data", c.Data, "--s3-addr", listen.S3Addr, "--sqs-addr", listen.SQSAddr, "--issuer-addr", listen.IssuerAddr}
	if a.FaultyS3 != "" {
		args = append(args, "--faults", c.Faults.String(), "--faulty-s3-addr", hostPort(a.FaultyS3), "--faulty-sqs-addr", hostPort(a.FaultySQS))
	}
	return supervise.Command{
		Name: "aws", Path: c.Self, Args: args,
		Env:     base(),
		Healthy: listen.HealthURLs(),
	}
}

func (c Config) apiCommand(a Addresses) supervise.Command {
	env := append(clientEnv(a), "LISTEN_ADDR="+hostPort(a.TokenLambda), "CORS_ORIGINS=*",
		"AUTH_ISSUER="+a.Issuer, "AUTH_AUDIENCE="+fake.Audience,
		"AUTH_WRITE_SCOPE="+issuer.WriteScope, "AUTH_READ_SCOPE="+issuer.ReadScope)
	if a.FaultyS3 != "" {
		env = append(env, "S3_PUBLIC_ENDPOINT="+a.FaultyS3)
	}
	return supervise.Command{
		Name: "token-lambda", Path: filepath.Join(c.Bin, "token-lambda"),
		Env: append(env, c.APIEnv...), Healthy: []string{a.TokenLambda + process.HealthPath},
	}
}

func (c Config) frontCommand(a Addresses) supervise.Command {
	return supervise.Command{
		Name: "front", Path: c.Self,
		Args: []string{"front", "--listen-addr", hostPort(a.API), "--api", a.TokenLambda, "--issuer", a.Issuer,
			"--storage", cmp.Or(a.FaultyS3, a.S3), "--queue-url", a.Queue, "--worker", strings.Join(a.Workers, ",")},
		Env:     base(),
		Healthy: []string{a.API + "/config.json"}, // "/healthz" is the API's
	}
}

// workerCommand is worker number i, counted from 0.
func (c Config) workerCommand(a Addresses, i int) supervise.Command {
	name := "worker"
	if c.Workers > 1 {
		name = fmt.Sprintf("worker %d", i+1)
	}
	to := a
	if a.FaultyS3 != "" {
		to.S3, to.SQS = a.FaultyS3, a.FaultySQS
	}
	env := append(clientEnv(to), "QUEUE_URL="+a.Queue, "LISTEN_ADDR="+hostPort(a.Workers[i]), "DRAIN_TIMEOUT="+drainTimeout.String(),
		// A worker that stops sees its last poll through. Here polls cost nothing, and nobody likes to wait for Ctrl-C.
		"POLL_WAIT=1s")
	return supervise.Command{
		Name: name, Path: filepath.Join(c.Bin, "worker"), Args: []string{"run"},
		Env: append(env, c.WorkerEnv...), Healthy: []string{a.Workers[i] + "/readyz"},
	}
}

func hostPort(url string) string { return strings.TrimPrefix(url, "http://") }

// local is the program that has the commands "aws" and "front".
const local = "local"

// programs are the names of what has to be in the folder of the programs, or is built into it.
func (c Config) programs() []string {
	all := []string{"token-lambda", "worker"}
	if c.Self == "" {
		all = append(all, local)
	}
	return all
}

// present reports the first of the programs that is not in dir.
func present(dir string, programs []string) error {
	for _, name := range programs {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("folder of the programs: %w", err)
		}
	}
	return nil
}

// Build compiles all programs into dir, to be the Bin of several stacks.
func Build(ctx context.Context, dir string) error { return build(ctx, dir, Config{}.programs()) }

// build compiles the programs into dir. It needs the go command, and a working directory in Darkroom's source.
func build(ctx context.Context, dir string, programs []string) error {
	what := "build " + strings.Join(programs, ", ")
	args := []string{"build", "-tags", "nodynamic", "-o", dir + string(filepath.Separator)}
	for _, name := range programs {
		if name == local {
			name = "deploy/" + name
		}
		args = append(args, "darkroom/"+name)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it cleans up after itself
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s: there is no go command; give the folder of the built programs instead (--bin)", what)
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", what, ctx.Err())
	case err != nil:
		return fmt.Errorf("%s: %w\n%s", what, err, out)
	}
	return nil
}
