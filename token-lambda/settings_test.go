package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"darkroom/deploy/testkit/flagdocs"
	"darkroom/worker/photo"
)

// testSettings are the settings of a server in this process, with the issuer's keys at this URL.
func testSettings(keys string) serveCommand {
	return serveCommand{UploadsBucket: "photos-up", VariantsBucket: "photos-var", TokenTTL: 5 * time.Minute, MaxBytes: 64 << 20, MaxPixels: photo.DefaultMaxPixels,
		Issuer: "https://issuer.example", Audience: "darkroom", BoardsClaim: "boards", JWKSURL: keys, ListenAddr: "127.0.0.1:0"}
}

// TestWrongSettings runs every command with every setting that it cannot use. The program names the setting and exits
// with status 2, whether or not it runs on AWS Lambda.
func TestWrongSettings(t *testing.T) {
	iss := newIssuer(t)
	messages := map[string]string{} // key: name of the case
	for name, c := range map[string]struct {
		env, args []string
		want      string
	}{
		"no settings":          {nil, nil, "UPLOADS_BUCKET is not set"},
		"one bucket twice":     {iss.env("VARIANTS_BUCKET=photos-up"), nil, "VARIANTS_BUCKET: photos-up is also UPLOADS_BUCKET"},
		"token TTL zero":       {iss.env("TOKEN_TTL=0s"), nil, "TOKEN_TTL: 0s"},
		"token TTL negative":   {iss.env("TOKEN_TTL=-1m"), nil, "TOKEN_TTL: -1m"},
		"token TTL too long":   {iss.env("TOKEN_TTL=169h"), nil, "TOKEN_TTL: 169h0m0s is not within 1s to 168h0m0s"},
		"token TTL no unit":    {iss.env("TOKEN_TTL=5"), nil, "TOKEN_TTL"},
		"bytes zero":           {iss.env("MAX_BYTES=0"), nil, "MAX_BYTES: 0"},
		"bytes negative":       {iss.env("MAX_BYTES=-1"), nil, "MAX_BYTES: -1"},
		"bytes beyond a PUT":   {iss.env("MAX_BYTES=5368709121"), nil, "MAX_BYTES: 5368709121"},
		"pixels zero":          {iss.env("MAX_PIXELS=0"), nil, "MAX_PIXELS: 0"},
		"pixels negative":      {iss.env("MAX_PIXELS=-1"), nil, "MAX_PIXELS: -1"},
		"unreadable type":      {iss.env("ALLOWED_TYPES=image/jpeg,image/svg+xml"), nil, `ALLOWED_TYPES: the worker cannot read media type "image/svg+xml"`},
		"board above the rest": {iss.env(`BOARD_LIMITS={"cats": {"maxBytes": 67108865}}`), nil, "BOARD_LIMITS: board cats: maxBytes: 67108865"},
		"board limits no JSON": {iss.env("BOARD_LIMITS=cats"), nil, "BOARD_LIMITS: want {"},
		"quotas no JSON":       {iss.env("QUOTA_TABLE=quotas", "QUOTAS=600"), nil, `QUOTAS: want {"board": {`},
		"quotas unknown":       {iss.env("QUOTA_TABLE=quotas", `QUOTAS={"board": {"photosPerHour": 600}}`), nil, `QUOTAS: board: "photosPerHour" is unknown`},
		"quotas of a board":    {iss.env("QUOTA_TABLE=quotas", `QUOTAS={"boards": {"cats": {"bytesPerDay": 0}}}`), nil, "QUOTAS: boards: cats: bytesPerDay: 0"},
		"quotas without table": {iss.env(`QUOTAS={"board": {"photosPerMinute": 600}}`), nil, "QUOTAS: QUOTA_TABLE is not set: want the DynamoDB table"},
		"S3 without a scheme":  {iss.env("S3_PUBLIC_ENDPOINT=s3.example:9000"), nil, "S3_PUBLIC_ENDPOINT: "},
		"variants' URL":        {iss.env("PUBLIC_BASE_URL=cdn.example"), nil, "PUBLIC_BASE_URL: "},
		"keys' URL":            {iss.env("AUTH_JWKS_URL=nowhere"), nil, "AUTH_JWKS_URL: "},
		"issuer is no URL":     {iss.env("AUTH_JWKS_URL=", "AUTH_ISSUER=accounts.example"), nil, "AUTH_ISSUER: cannot find its discovery document"},
		"admin scope":          {iss.env("AUTH_ADMIN_SCOPE=two scopes"), nil, "AUTH_ADMIN_SCOPE: "},
		"who may delete":       {iss.env("BOARD_DELETE=nobody"), nil, "BOARD_DELETE: "},
		"write scope":          {iss.env("AUTH_WRITE_SCOPE=two scopes"), nil, "AUTH_WRITE_SCOPE: "},
		"read scope":           {iss.env(`AUTH_READ_SCOPE="read"`), nil, "AUTH_READ_SCOPE: "},
		"public URL":           {iss.env("PUBLIC_URL=ftp://api.example"), nil, "PUBLIC_URL: "},
		"CORS origin":          {iss.env("CORS_ORIGINS=https://app.example/"), nil, "CORS_ORIGINS: "},
		"listen address":       {iss.env("LISTEN_ADDR=nonsense"), nil, "LISTEN_ADDR: "},
		"metrics address":      {iss.env("METRICS_ADDR=9090"), nil, "METRICS_ADDR: "},
		"on Lambda":            {iss.env("AWS_LAMBDA_RUNTIME_API=127.0.0.1:1", "TOKEN_TTL=0s"), nil, "TOKEN_TTL: 0s"},
		"log level":            {iss.env("LOG_LEVEL=loud"), nil, "LOG_LEVEL"},
		"health address":       {[]string{"LISTEN_ADDR=nonsense"}, []string{"healthcheck"}, "LISTEN_ADDR: "},
		"health timeout":       {nil, []string{"healthcheck", "--timeout=0s"}, "--timeout: 0s"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command(t, c.env, c.args...)
			out, _ := cmd.CombinedOutput()
			messages[name] = string(out)
			if got := cmd.ProcessState.ExitCode(); got != 2 || !strings.Contains(flagdocs.WithoutFlags(string(out)), c.want) {
				t.Errorf("exit status %d, want 2 and %q:\n%s", got, c.want, out)
			}
		})
	}
	port := regexp.MustCompile(`127\.0\.0\.1:\d{4,}`) // the issuer's port differs in each run
	for name, message := range messages {
		messages[name] = port.ReplaceAllString(message, "127.0.0.1:PORT")
	}
	flagdocs.CheckWords(t, program, description, &commandLine{}, messages, kong.Vars{"listen": "127.0.0.1:8080"})
}

func TestOtherEndings(t *testing.T) {
	iss := newIssuer(t)
	for name, c := range map[string]struct {
		env, args []string
		exit      int
		want      string
	}{
		"version":   {nil, []string{"--version"}, 0, "token-lambda "},
		"help":      {nil, []string{"serve", "--help"}, 0, "UPLOADS_BUCKET"},
		"no region": {iss.env("AWS_REGION="), nil, 1, "AWS_REGION"},
		"endpoint":  {iss.env("AWS_ENDPOINT_URL_S3=http://user:hunter2@127.0.0.1:%zz"), nil, 2, "AWS_ENDPOINT_URL_S3: the URL cannot be parsed"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command(t, c.env, c.args...)
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != c.exit || !bytes.Contains(out, []byte(c.want)) {
				t.Errorf("exit status %d, want %d; %s", got, c.exit, out)
			}
		})
	}
}
