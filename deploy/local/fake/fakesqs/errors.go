package fakesqs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error as a client sees it. SQS answers in JSON but sends the error code of its older query protocol in
// a header, and SDKs show that code. code is the query code and shape the JSON type. Every fault of the caller has the
// status 400, whatever its status in the query protocol (Amazon SQS Developer Guide, "Interpreting Amazon SQS JSON API
// responses").
type apiError struct {
	shape   string // JSON __type, with its namespace
	code    string // query code
	status  int    // HTTP status; 0 means 400
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// sender reports whether the caller is at fault.
func (e *apiError) sender() bool { return e.httpStatus() < 500 }

func (e *apiError) httpStatus() int {
	if e.status == 0 {
		return http.StatusBadRequest
	}
	return e.status
}

const (
	modelled   = "com.amazonaws.sqs#"         // shapes of the SQS model
	unmodelled = "com.amazon.coral.service#"  // shapes of the web service framework under it
	legacy     = "AWS.SimpleQueueService."    // prefix of most query codes
	noQueue    = legacy + "NonExistentQueue"  // also the failure reason of a move task
	outOfRange = "Must be between %d and %d." // text of SQS for a number that is out of range
)

// sqsError returns an error of the SQS model whose query code is its name with the usual prefix.
func sqsError(name, format string, args ...any) *apiError {
	return &apiError{shape: modelled + name, code: legacy + name, message: fmt.Sprintf(format, args...)}
}

// plainError returns an error of the SQS model whose query code is its bare name.
func plainError(name, format string, args ...any) *apiError {
	return &apiError{shape: modelled + name, code: name, message: fmt.Sprintf(format, args...)}
}

// invalidParameter returns the error that SQS gives for an invalid value.
func invalidParameter(format string, args ...any) *apiError {
	return &apiError{shape: unmodelled + "InvalidParameterValueException", code: "InvalidParameterValue",
		message: fmt.Sprintf(format, args...)}
}

// invalidValue returns an invalidParameter error in SQS's usual wording.
func invalidValue(value any, parameter, reason string, args ...any) *apiError {
	return invalidParameter("Value %v for parameter %s is invalid. Reason: %s", value, parameter,
		fmt.Sprintf(reason, args...))
}

func missingParameter(name string) *apiError {
	return &apiError{shape: modelled + "MissingRequiredParameterException", code: "MissingParameter",
		message: "The request must contain the parameter " + name + "."}
}

func queueDoesNotExist() *apiError {
	return &apiError{shape: modelled + "QueueDoesNotExist", code: noQueue, message: "The specified queue does not exist."}
}

func queueNameExists(attribute string) *apiError {
	return &apiError{shape: modelled + "QueueNameExists", code: "QueueAlreadyExists",
		message: "A queue already exists with the same name and a different value for attribute " + attribute}
}

func receiptHandleIsInvalid() *apiError {
	return plainError("ReceiptHandleIsInvalid", "The input receipt handle is not a valid receipt handle.")
}

func resourceNotFound(format string, args ...any) *apiError {
	return plainError("ResourceNotFoundException", format, args...)
}

func malformed(format string, args ...any) *apiError {
	return &apiError{shape: unmodelled + "SerializationException", code: "MalformedInput",
		message: fmt.Sprintf(format, args...)}
}

func unavailable() *apiError {
	return &apiError{shape: unmodelled + "ServiceUnavailableException", code: "ServiceUnavailable",
		status: http.StatusServiceUnavailable, message: "The queue server is closed."}
}

// asAPIError returns err as a client may see it. Any error but an apiError is a fault of the emulator: the caller logs
// it, and the client learns only that it happened.
func asAPIError(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	return &apiError{shape: unmodelled + "InternalFailure", code: "InternalFailure",
		status: http.StatusInternalServerError, message: "The queue server could not complete the request."}
}

// write sends e as the response.
func (e *apiError) write(w http.ResponseWriter) {
	fault := ";Sender"
	if !e.sender() {
		fault = ";Receiver"
	}
	w.Header().Set("X-Amzn-Query-Error", e.code+fault)
	body, _ := json.Marshal(map[string]string{"__type": e.shape, "message": e.message}) // strings always marshal
	_ = writeJSON(w, e.httpStatus(), body)                                              // fails only if the client is gone
}
