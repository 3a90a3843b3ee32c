package realworkers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"darkroom/deploy/client"
	"darkroom/deploy/local/build"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/deploy/testkit/sqsdepth"
)

const board = "simulated"

// localSystem is Darkroom on this machine with slow downloads. A photo takes the time of its download and hardly any
// processor time, so a machine with few processors can run many workers.
type localSystem struct {
	stack    *stack.Stack
	api      *client.Client
	messages *sqs.Client
	photos   []client.Photo
	stop     func() error
}

// startLocalSystem starts a system without workers. Up to most workers can be started later.
func startLocalSystem(ctx context.Context, bin string, most int, download time.Duration, photos int, notes io.Writer) (l *localSystem, err error) {
	dir, err := os.MkdirTemp("", "darkroom-sim-")
	if err != nil {
		return nil, err
	}
	var stops []func() error
	stop := func() (err error) {
		for _, s := range slices.Backward(stops) {
			err = errors.Join(err, s())
		}
		return err
	}
	stops = append(stops, func() error { return os.RemoveAll(dir) })
	defer func() {
		if err != nil {
			err = errors.Join(err, stop())
		}
	}()
	if bin == "" {
		fmt.Fprintln(notes, "building the programs; the first time this takes a minute")
		bin = filepath.Join(dir, "bin")
		if err := build.Programs(ctx, bin, build.All()...); err != nil {
			return nil, err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	slow := &slowStore{download: download}
	server := &http.Server{Handler: slow}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	stops = append(stops, func() error {
		err := server.Close()
		<-served
		slow.close()
		return err
	})
	st, err := stack.Start(ctx, stack.Config{Data: filepath.Join(dir, "data"), Bin: bin, Workers: most, DeferWorkers: true, AnyPorts: true, Out: io.Discard,
		WorkerEnv: []string{"AWS_ENDPOINT_URL_S3=http://" + listener.Addr().String(), "SLOTS=1", "RENDERS=1", "GOMAXPROCS=1"}})
	if err != nil {
		return nil, err
	}
	stops = append(stops, st.Stop)
	slow.forwardTo(strings.TrimPrefix(st.S3, "http://"))
	l = &localSystem{stack: st, stop: stop}
	if l.api, err = client.New(client.Config{API: st.API, Board: board, Tokens: &tokens.Source{URL: st.Issuer, Subject: "sim", Boards: []string{board}}}); err != nil {
		return nil, err
	}
	l.messages = sqs.New(sqs.Options{Region: fake.Region, BaseEndpoint: &st.SQS, Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, "")})
	for i := range photos {
		s, err := samples.Small(uint64(i + 1))
		if err != nil {
			return nil, err
		}
		l.photos = append(l.photos, client.FromBytes(s.Name, s.ContentType, s.Bytes))
	}
	return l, nil
}

// upload uploads the photos. It returns the times since a moment at which they were in S3, in order.
func (l *localSystem) upload(ctx context.Context, photos []client.Photo, since time.Time) ([]time.Duration, error) {
	times := make([]time.Duration, len(photos))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, p := range photos {
		g.Go(func() error {
			created, err := l.api.CreateUpload(ctx, p)
			if err == nil {
				err = l.api.Send(ctx, p, created.Upload)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
			times[i] = time.Since(since)
			return nil
		})
	}
	err := g.Wait()
	slices.Sort(times)
	return times, err
}

// depths are how many messages the queues hold.
type depths struct{ events, photos sqsdepth.Depth }

// waiting returns how many photos no worker has received to render. Those in flight in the events queue are being
// forwarded: with one slot, a worker renders no photo without forwarding it first.
func (d depths) waiting() int { return d.events.Total() + d.photos.Visible }

// depth reads how many messages the queues hold. A photo that is forwarded between the two calls counts twice, rather
// than not at all.
func (l *localSystem) depth(ctx context.Context) (d depths, err error) {
	if d.events, err = sqsdepth.Read(ctx, l.messages, l.stack.Events); err != nil {
		return d, err
	}
	d.photos, err = sqsdepth.Read(ctx, l.messages, l.stack.Photos)
	return d, err
}
