package fakesqs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error as a client sees it. SQS speaks JSON but keeps the codes of its older query protocol in a
// header, and SDKs show those: code is the query code, shape the JSON type. Every fault of the caller has the status
// 400, whatever status the query protocol gave it (Amazon SQS Developer Guide, "Interpreting Amazon SQS JSON API
// responses").
type apiError struct {
	shape   string // the JSON __type, with its namespace
	code    string // the query code
	status  int    // of HTTP; 0 means 400
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// sender reports whether the fault is the caller's.
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
	outOfRange = "Must be between %d and %d." // the reason that SQS gives for a number
)

// sqsError makes an error of the model whose query code is its name behind the usual prefix.
func sqsError(name, format string, args ...any) *apiError {
	return &apiError{shape: modelled + name, code: legacy + name, message: fmt.Sprintf(format, args...)}
}

// plainError makes an error of the model whose query code is its bare name.
func plainError(name, format string, args ...any) *apiError {
	return &apiError{shape: modelled + name, code: name, message: fmt.Sprintf(format, args...)}
}

// invalidParameter makes the error that SQS gives for a value that it does not accept.
func invalidParameter(format string, args ...any) *apiError {
	return &apiError{shape: unmodelled + "InvalidParameterValueException", code: "InvalidParameterValue",
		message: fmt.Sprintf(format, args...)}
}

// invalidValue is invalidParameter in its usual wording.
func invalidValue(value any, parameter, reason string, args ...any) *apiError {
	return invalidParameter("Value %v for parameter %s is invalid. Reason: %s", value, parameter, fmt.Sprintf(reason, args...))
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
	return &apiError{shape: unmodelled + "SerializationException", code: "MalformedInput", message: fmt.Sprintf(format, args...)}
}

func unavailable() *apiError {
	return &apiError{shape: unmodelled + "ServiceUnavailableException", code: "ServiceUnavailable",
		status: http.StatusServiceUnavailable, message: "The queue server is closed."}
}

// asAPIError returns err as a client may see it. What is not an apiError is a fault of the emulator: the caller logs
// it, the client reads only that it happened.
func asAPIError(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	return &apiError{shape: unmodelled + "InternalFailure", code: "InternalFailure",
		status: http.StatusInternalServerError, message: "The queue server could not complete the request."}
}

// write sends e as a response.
func (e *apiError) write(w http.ResponseWriter) {
	fault := ";Sender"
	if !e.sender() {
		fault = ";Receiver"
	}
	w.Header().Set("X-Amzn-Query-Error", e.code+fault)
	body, _ := json.Marshal(map[string]string{"__type": e.shape, "message": e.message}) // strings always marshal
	// A client that is gone needs no error.
	_ = writeJSON(w, e.httpStatus(), body)
}
