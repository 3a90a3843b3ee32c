package contract

import "strings"

// Slug identifies a type of problem. It is stable: clients may switch on it.
type Slug string

// Slugs of all types of problems. [ProblemTypes] has their statuses and titles.
const (
	ProblemRequestInvalid     Slug = "request-invalid"
	ProblemFormNotAllowed     Slug = "form-not-allowed"
	ProblemRequestTooLarge    Slug = "request-too-large"
	ProblemTypeNotAllowed     Slug = "type-not-allowed"
	ProblemLengthInvalid      Slug = "length-invalid"
	ProblemUploadTooLarge     Slug = "upload-too-large"
	ProblemDigestInvalid      Slug = "digest-invalid"
	ProblemDigestRequired     Slug = "digest-required"
	ProblemMetadataInvalid    Slug = "metadata-invalid"
	ProblemNameInvalid        Slug = "name-invalid"
	ProblemQueryInvalid       Slug = "query-invalid"
	ProblemBatchInvalid       Slug = "batch-invalid"
	ProblemTokenMissing       Slug = "token-missing"
	ProblemTokenInvalid       Slug = "token-invalid"
	ProblemBoardForbidden     Slug = "board-forbidden"
	ProblemScopeMissing       Slug = "scope-missing"
	ProblemNotOwner           Slug = "not-owner"
	ProblemUploadUnknown      Slug = "upload-unknown"
	ProblemNotRemoved         Slug = "not-removed"
	ProblemNoReceipts         Slug = "no-receipts"
	ProblemNotFound           Slug = "not-found"
	ProblemMethodNotAllowed   Slug = "method-not-allowed"
	ProblemQuotaExceeded      Slug = "quota-exceeded"
	ProblemAboveQuota         Slug = "above-quota"
	ProblemInternal           Slug = "internal"
	ProblemAuthUnavailable    Slug = "auth-unavailable"
	ProblemStorageUnavailable Slug = "storage-unavailable"
	ProblemTimeout            Slug = "timeout"
)

// Path returns the path of the page about the type.
func (s Slug) Path() string { return ProblemsPath + string(s) }

// InternalDetail is the detail of every problem of ProblemInternal: the client can do nothing about it.
const InternalDetail = "The fault is the API's, not the request's. Its log has details under the request id."

// Problem is a problem document, RFC 9457.
type Problem struct {
	Type      string   `json:"type"`   // URL of the page about the type; [Problem.Slug] is its stable part
	Title     string   `json:"title"`  // summary of the type, the same in every problem of it
	Status    int      `json:"status"` // HTTP status
	Detail    string   `json:"detail,omitempty"`
	RequestID string   `json:"requestId"`          // identifies the request in the API's log
	Limit     int64    `json:"limit,omitempty"`    // bytes, when something is too large
	Allowed   []string `json:"allowed,omitempty"`  // accepted values, when a value is not one of them
	Policies  []string `json:"policies,omitempty"` // names of the exceeded quotas, as in RateLimit-Policy
	Uploads   []Fault  `json:"uploads,omitempty"`  // faulty uploads of a batch
}

// Slug returns the last part of the type, which does not depend on the address of the API.
func (p Problem) Slug() Slug { return slugOf(p.Type) }

// Fault is what is wrong with one upload of a batch. Its members are those of the problem for that upload alone.
type Fault struct {
	Index   int      `json:"index"` // position in the batch, from 0
	Type    string   `json:"type"`
	Title   string   `json:"title"`
	Detail  string   `json:"detail"`
	Limit   int64    `json:"limit,omitempty"`
	Allowed []string `json:"allowed,omitempty"`
}

// Slug returns the last part of the type.
func (f Fault) Slug() Slug { return slugOf(f.Type) }

func slugOf(problemType string) Slug {
	return Slug(problemType[strings.LastIndexByte(problemType, '/')+1:])
}
