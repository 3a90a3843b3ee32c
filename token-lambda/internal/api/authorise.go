package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"darkroom/worker/photo"
)

// scopePattern is the scope-token of RFC 6749, section 3.3, or nothing.
var scopePattern = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]*$`)

// authorise returns the caller of r when their token has the scope, unless that is empty, and is good for the board in
// the path, and the board.
func (a *API) authorise(r *http.Request, scope string) (Caller, photo.Board, error) {
	token, err := bearer(r.Header)
	if err != nil {
		return Caller{}, "", err
	}
	caller, err := a.auth.Authenticate(r.Context(), token)
	if err != nil {
		return Caller{}, "", authProblem(r.Context(), err)
	}
	if scope != "" && !slices.Contains(caller.Scopes, scope) {
		return Caller{}, "", newProblem(http.StatusForbidden, TypeScopeMissing,
			fmt.Sprintf("The token was not granted the scope %s.", scope)).challenge("insufficient_scope", "", scope)
	}
	board, err := photo.ParseBoard(r.PathValue("board"))
	if err != nil {
		return Caller{}, "", newProblem(http.StatusBadRequest, TypeNameInvalid, err.Error())
	}
	recordOf(r.Context()).board = board
	if !caller.May(board) {
		return Caller{}, "", newProblem(http.StatusForbidden, TypeBoardForbidden,
			fmt.Sprintf("The token is not good for board %s.", board)).challenge("insufficient_scope", "", "")
	}
	return caller, board, nil
}

// named is authorise for the path of one photo.
func (a *API) named(r *http.Request, scope string) (photo.Ref, error) {
	_, board, err := a.authorise(r, scope)
	if err != nil {
		return photo.Ref{}, err
	}
	id, err := photo.ParseID(r.PathValue("id"))
	if err != nil {
		return photo.Ref{}, newProblem(http.StatusBadRequest, TypeNameInvalid, err.Error())
	}
	recordOf(r.Context()).id = id
	return photo.Ref{Board: board, ID: id}, nil
}

// bearer returns the token of the Authorization header, which is "Bearer" and a token (RFC 6750, section 2.1).
func bearer(h http.Header) (string, error) {
	values := h.Values("Authorization")
	if len(values) == 0 {
		return "", newProblem(http.StatusUnauthorized, TypeTokenMissing, "Send Authorization: Bearer and a token.").challenge("", "", "")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		const detail = "Send one Authorization header: Bearer and a token."
		return "", newProblem(http.StatusUnauthorized, TypeTokenInvalid, detail).challenge("invalid_token", detail, "")
	}
	return token, nil
}

// authProblem is the problem that an Authenticator's error means to the caller.
func authProblem(ctx context.Context, err error) error {
	var refused *TokenError
	var down *UnavailableError
	switch {
	case errors.As(err, &refused):
		return newProblem(http.StatusUnauthorized, TypeTokenInvalid, "The token is not accepted: "+refused.Reason+".").
			challenge("invalid_token", refused.Reason, "").because(err)
	case errors.As(err, &down):
		return newProblem(http.StatusServiceUnavailable, TypeAuthUnavailable, "Tokens cannot be checked just now. Try again.").
			retryAfter(down.RetryAfter).because(err)
	}
	return fmt.Errorf("authenticate: %w", err)
}
