package stack

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"darkroom/deploy/local/build"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/origin"
	"darkroom/deploy/local/supervise"
	"darkroom/worker/process"
)

// baseEnv returns the environment that every child gets: a few variables of this process, and JSON logs.
func baseEnv() []string {
	env := []string{"LOG_FORMAT=json"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// clientEnv returns the environment of a client of the fake AWS. It hides the user's own AWS configuration.
func clientEnv(a Addresses) []string {
	return append(baseEnv(),
		"AWS_REGION="+fake.Region, "AWS_ACCESS_KEY_ID="+fake.AccessKey, "AWS_SECRET_ACCESS_KEY="+fake.SecretKey,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL_S3="+a.S3, "AWS_ENDPOINT_URL_SQS="+a.SQS,
		"UPLOADS_BUCKET="+fake.Uploads, "VARIANTS_BUCKET="+fake.Variants,
	)
}

// awsCommand runs the fake AWS.
func (c Config) awsCommand(a Addresses) supervise.Command {
	listen := fake.Config{S3Addr: hostPort(a.S3), SQSAddr: hostPort(a.SQS), IssuerAddr: hostPort(a.Issuer)}
	args := []string{"aws", "--data", c.Data, "--s3-addr", listen.S3Addr, "--sqs-addr", listen.SQSAddr, "--issuer-addr", listen.IssuerAddr, "--origin", strings.Join(c.origins(a), ",")}
	if c.Versions {
		args = append(args, "--versions")
	}
	if a.CDN != "" {
		listen.CDNAddr = hostPort(a.CDN)
		args = append(args, "--cdn-addr", listen.CDNAddr, "--purge-delay", c.PurgeDelay.String())
	}
	if a.FaultyS3 != "" {
		args = append(args, "--faults", c.Faults.String(), "--faulty-s3-addr", hostPort(a.FaultyS3), "--faulty-sqs-addr", hostPort(a.FaultySQS))
	}
	return supervise.Command{Name: "aws", Path: c.Self, Args: args, Env: baseEnv(), Healthy: listen.HealthURLs()}
}

// origins returns the origins whose pages may use S3 and the issuer.
func (c Config) origins(a Addresses) origin.List {
	board, err := origin.PageOrigins(a.API)
	if err != nil { // the address is one that this package has made
		panic(err)
	}
	return append(board, c.Origins...)
}

// apiCommand runs the token Lambda as a server.
func (c Config) apiCommand(a Addresses, idKey, erasureKey string) supervise.Command {
	env := append(clientEnv(a), "LISTEN_ADDR="+hostPort(a.TokenLambda), "CORS_ORIGINS="+strings.Join(c.Origins, ","),
		"AWS_ENDPOINT_URL_DYNAMODB="+a.SQS, "QUOTA_TABLE="+fake.Quotas, "QUOTAS="+c.Quotas,
		"AUTH_ISSUER="+a.Issuer, "AUTH_AUDIENCE="+fake.Audience,
		"AUTH_WRITE_SCOPE="+issuer.WriteScope, "AUTH_READ_SCOPE="+issuer.ReadScope, "ID_KEY="+idKey, "ERASURE_KEY="+erasureKey)
	if a.FaultyS3 != "" {
		env = append(env, "S3_PUBLIC_ENDPOINT="+a.FaultyS3)
	}
	if a.CDN != "" {
		env = append(env, "PUBLIC_BASE_URL="+a.CDN)
	}
	if a.APIMetrics != "" {
		env = append(env, "METRICS_ADDR="+hostPort(a.APIMetrics))
	}
	return supervise.Command{
		Name: build.TokenLambda, Path: filepath.Join(c.Bin, build.TokenLambda),
		Env: append(env, c.APIEnv...), Healthy: []string{a.TokenLambda + process.HealthPath},
	}
}

// watchCommand exports the depth of the queues. It reads SQS without faults.
func (c Config) watchCommand(a Addresses) supervise.Command {
	// Calls are free here.
	env := append(clientEnv(a), "QUEUE_URL="+a.Events, "PHOTOS_QUEUE_URL="+a.Photos, "PURGE_QUEUE_URL="+a.Purges, "LISTEN_ADDR="+hostPort(a.Watch), "QUEUE_DEPTH_INTERVAL=1s")
	return supervise.Command{
		Name: "watch", Path: filepath.Join(c.Bin, build.Worker), Args: []string{"watch"},
		Env: append(env, c.WorkerEnv...), Healthy: []string{a.Watch + "/readyz"},
	}
}

// frontCommand runs the board page, with the API behind it.
func (c Config) frontCommand(a Addresses) supervise.Command {
	args := []string{"front", "--listen-addr", hostPort(a.API), "--api", a.TokenLambda, "--issuer", a.Issuer,
		"--storage", cmp.Or(a.FaultyS3, a.S3), "--queue-url", strings.Join(a.Queues(), ","), "--worker", strings.Join(a.Workers, ",")}
	if a.CDN != "" {
		args = append(args, "--cdn", a.CDN)
	}
	if len(c.Origins) > 0 {
		args = append(args, "--origin", strings.Join(c.Origins, ","))
	}
	return supervise.Command{
		Name: "front", Path: c.Self, Args: args, Env: baseEnv(),
		Healthy: []string{a.API + "/config.json"}, // /healthz is passed on to the API
	}
}

// workerCommand runs worker i, counted from 0.
func (c Config) workerCommand(a Addresses, i int) supervise.Command {
	name := build.Worker
	if c.Workers > 1 {
		name = fmt.Sprintf("%s %d", build.Worker, i+1)
	}
	endpoints := a
	if a.FaultyS3 != "" {
		endpoints.S3, endpoints.SQS = a.FaultyS3, a.FaultySQS
	}
	env := append(clientEnv(endpoints), "QUEUE_URL="+a.Events, "PHOTOS_QUEUE_URL="+a.Photos, "LISTEN_ADDR="+hostPort(a.Workers[i]), "DRAIN_TIMEOUT="+drainTimeout.String(),
		// A worker finishes its last poll before it stops. Polls are free here, so short ones make Ctrl-C quick.
		"POLL_WAIT=1s")
	if a.CDN != "" {
		env = append(env, "AWS_ENDPOINT_URL_CLOUDFRONT="+a.CDN, "PURGE_QUEUE_URL="+a.Purges, "CDN_DISTRIBUTION="+fake.Distribution)
	}
	return supervise.Command{
		Name: name, Path: filepath.Join(c.Bin, build.Worker), Args: []string{"run"},
		Env: append(env, c.WorkerEnv...), Healthy: []string{a.Workers[i] + "/readyz"},
	}
}

func hostPort(url string) string { return strings.TrimPrefix(url, "http://") }

// programs returns the names of the programs that the system needs in Bin.
func (c Config) programs() []string {
	names := []string{build.TokenLambda, build.Worker}
	if c.Self == "" {
		names = append(names, build.Local)
	}
	return names
}
