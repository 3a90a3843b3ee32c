package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// authorise returns the caller of r and the board in the path. The caller's token must include the board and, unless
// scope is empty, the scope.
func (a *API) authorise(r *http.Request, scope string) (Caller, photo.Board, error) {
	token, err := bearerToken(r.Header)
	if err != nil {
		return Caller{}, "", err
	}
	caller, err := a.auth.Authenticate(r.Context(), token)
	if err != nil {
		return Caller{}, "", authProblem(err)
	}
	if scope != "" && !slices.Contains(caller.Scopes, scope) {
		return Caller{}, "", newProblem(contract.ProblemScopeMissing,
			fmt.Sprintf("The bearer token lacks the scope %s: request one that has it.", scope)).challenge("insufficient_scope", "", scope)
	}
	board, err := photo.ParseBoard(r.PathValue("board"))
	if err != nil {
		return Caller{}, "", newProblem(contract.ProblemNameInvalid,
			fmt.Sprintf("The board in the path is %.80q: use 1 to 63 of a-z, 0-9 and hyphen, with a letter or digit at both ends.", r.PathValue("board")))
	}
	recordOf(r.Context()).board = board
	if !caller.May(board) {
		return Caller{}, "", newProblem(contract.ProblemBoardForbidden,
			fmt.Sprintf("The bearer token does not include board %s: request one that does.", board)).challenge("insufficient_scope", "", "")
	}
	return caller, board, nil
}

// authorisePhoto authorises a request about one photo and returns the caller and the photo in the path.
func (a *API) authorisePhoto(r *http.Request, scope string) (Caller, photo.Ref, error) {
	caller, board, err := a.authorise(r, scope)
	if err != nil {
		return Caller{}, photo.Ref{}, err
	}
	id, err := photo.ParseID(r.PathValue("id"))
	if err != nil {
		return Caller{}, photo.Ref{}, newProblem(contract.ProblemNameInvalid,
			fmt.Sprintf("The id in the path is %.80q: use an id that the API returned.", r.PathValue("id")))
	}
	recordOf(r.Context()).id = id
	return caller, photo.Ref{Board: board, ID: id}, nil
}

// bearerToken returns the token of the Authorization header, which has the form Bearer TOKEN (RFC 6750, section 2.1).
func bearerToken(h http.Header) (string, error) {
	values := h.Values("Authorization")
	if len(values) == 0 {
		return "", newProblem(contract.ProblemTokenMissing, "There is no bearer token: send the header Authorization: Bearer TOKEN.").challenge("", "", "")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		const detail = "Send one Authorization header, of the form Bearer TOKEN."
		return "", newProblem(contract.ProblemTokenInvalid, detail).challenge("invalid_token", detail, "")
	}
	return token, nil
}

// authProblem turns an Authenticator's error into the problem that the caller gets.
func authProblem(err error) error {
	var refused *TokenError
	var down *UnavailableError
	switch {
	case errors.As(err, &refused):
		return newProblem(contract.ProblemTokenInvalid, "The bearer token is not accepted: "+refused.Reason+". Request a new one.").
			challenge("invalid_token", refused.Reason, "").because(err)
	case errors.As(err, &down):
		return newProblem(contract.ProblemAuthUnavailable, "Bearer tokens cannot be checked at the moment. Try again.").
			retryAfter(down.RetryAfter).because(err)
	}
	return fmt.Errorf("authenticate: %w", err)
}
