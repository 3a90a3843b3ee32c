package presign

import (
	"context"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// dropHeader removes a header from a request before it is signed, like a presigner that moves it to the query.
func dropHeader(name string) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("drop", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (
			middleware.BuildOutput, middleware.Metadata, error) {
			r := in.Request.(*smithyhttp.Request)
			if r.Header.Del(name); name == "Content-Length" {
				r.ContentLength = 0
			}
			return next.HandleBuild(ctx, in)
		}), middleware.After)
	}
}
