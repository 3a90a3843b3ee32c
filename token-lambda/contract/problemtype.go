package contract

import "slices"

// ProblemType describes a type of problem.
type ProblemType struct {
	Slug    Slug   `json:"slug"`
	Status  int    `json:"status"`  // HTTP status of every problem of the type
	Title   string `json:"title"`   // title of every problem of the type
	Meaning string `json:"meaning"` // what has happened
	Cause   string `json:"cause"`   // why it usually happens
	Remedy  string `json:"remedy"`  // what a client can do
}

// ProblemTypeList lists types of problems.
type ProblemTypeList struct {
	Problems []ProblemType `json:"problems"`
}

// FindProblemType returns the type with this slug, or false if there is none.
func FindProblemType(s Slug) (ProblemType, bool) {
	i := slices.IndexFunc(ProblemTypes, func(t ProblemType) bool { return t.Slug == s })
	if i < 0 {
		return ProblemType{}, false
	}
	return ProblemTypes[i], true
}

// ProblemTypes lists every type of problem. The titles of problem documents, the labels of metrics, the pages under
// ProblemsPath, openapi.json and the table in README.md agree with it.
var ProblemTypes = []ProblemType{
	{ProblemRequestInvalid, 400, "Request body invalid",
		"The body is not the expected JSON.",
		"The body is empty, cut off, not JSON, or has a member that is unknown, repeated or of the wrong type.",
		"Correct the member that detail names, such as uploads[2].contentLength."},
	{ProblemFormNotAllowed, 400, "Forms not allowed",
		"The request asks for an HTML form, and this API issues none.",
		"The operator has not set ALLOW_FORM: a form can be sent more than once.",
		"Leave out form, and send the photo with a PUT."},
	{ProblemRequestTooLarge, 413, "Request body too large",
		"The body exceeds the limit of a request.",
		"The batch has too many members, or the body is a photo.",
		"Send fewer uploads in one request. The body may have up to limit bytes."},
	{ProblemTypeNotAllowed, 400, "Media type not allowed",
		"contentType is not one of the media types in allowed.",
		"The board does not accept photos of this media type, or contentType is missing.",
		"Convert the photo to one of the media types in allowed, or choose another photo."},
	{ProblemLengthInvalid, 400, "Content length invalid",
		"contentLength is missing or not above 0.",
		"The file is empty, or the client does not know its size.",
		"Send the size of the photo in bytes."},
	{ProblemUploadTooLarge, 413, "Upload too large",
		"contentLength exceeds the limit of the board.",
		"The photo is larger than the board accepts.",
		"Send a photo of at most limit bytes."},
	{ProblemDigestInvalid, 400, "Digest invalid",
		"sha256 is not the base64 encoding of 32 bytes.",
		"The digest is in hexadecimal, in the URL-safe alphabet, or without padding.",
		"Send the SHA-256 of the photo in standard base64, 44 characters with the padding."},
	{ProblemDigestRequired, 400, "Digest required",
		"sha256 is missing, and this API requires it.",
		"The operator has set REQUIRE_SHA256.",
		"Send the SHA-256 of the photo in base64."},
	{ProblemMetadataInvalid, 400, "Metadata invalid",
		"name or metadata is malformed or too long.",
		"It has control characters, a key that is not accepted, or more text than S3 keeps with a photo.",
		"Shorten it or leave it out, as detail says."},
	{ProblemNameInvalid, 400, "Board or id malformed",
		"The board or the id in the path is malformed.",
		"The client built the path from something other than the name of a board and an id that the API returned.",
		"Use 1 to 63 of a-z, 0-9 and hyphen for a board, with a letter or digit at both ends. Use ids as the API returned them."},
	{ProblemQueryInvalid, 400, "Query parameter malformed",
		"A query parameter is malformed.",
		"A value is out of range or has the wrong format.",
		"Correct the parameter that detail names."},
	{ProblemBatchInvalid, 400, "Batch invalid",
		"No upload of the batch was created. The member uploads lists the faults.",
		"At least one upload of the batch has a problem of its own.",
		"Correct or leave out the uploads whose positions are in uploads, and send the batch again."},
	{ProblemTokenMissing, 401, "Bearer token missing",
		"There is no bearer token.",
		"The request has no Authorization header.",
		"Send Authorization: Bearer TOKEN, with a token from the issuer."},
	{ProblemTokenInvalid, 401, "Bearer token not accepted",
		"The bearer token is expired, forged, or for another service.",
		"Usually the token has expired.",
		"Request a new token from the issuer, and try once more."},
	{ProblemBoardForbidden, 403, "Board forbidden",
		"The bearer token does not include this board.",
		"The user has no access to the board, or the issuer does not list it in the claim.",
		"Request a token that includes the board."},
	{ProblemScopeMissing, 403, "Scope missing",
		"The bearer token lacks the required scope.",
		"The client did not request the scope, or the user may not have it.",
		"Request a token with the scope that WWW-Authenticate names."},
	{ProblemNotOwner, 403, "Not the owner",
		"Only the owner of the photo and administrators may remove it.",
		"The operator has set BOARD_DELETE to owner, and another user uploaded the photo.",
		"Let its owner or an administrator remove the photo."},
	{ProblemUploadUnknown, 404, "Upload unknown",
		"This id was never issued for this board.",
		"The id belongs to another board or another system, or was invented.",
		"Use the id or the statusUrl that the API returned."},
	{ProblemNotRemoved, 404, "Photo not removed",
		"There is no receipt, because no user has removed the photo.",
		"The photo still exists, has not arrived yet, or was removed so long ago that its record has expired.",
		"Remove the photo with DELETE, and ask for the receipt then."},
	{ProblemNoReceipts, 404, "Receipts not configured",
		"This API signs no receipts of erasures.",
		"The operator has not set ERASURE_KEY. Photos are erased all the same.",
		"Ask the operator to set a key."},
	{ProblemNotFound, 404, "Path not found",
		"There is no such path.",
		"The path is misspelt, has a slash too many, or lacks /v1.",
		"Use a path that /openapi.json lists."},
	{ProblemMethodNotAllowed, 405, "Method not allowed",
		"The path does not allow this method.",
		"The client uses a method that the contract does not have for this path.",
		"Use one of the methods in Allow."},
	{ProblemQuotaExceeded, 429, "Quota exceeded",
		"No upload was created: the board or the user has too little left of a quota.",
		"Too many photos, or too many bytes of them, were asked for in this minute or on this day, in UTC.",
		"Send the same request again after the seconds in Retry-After. policies names the exceeded quotas."},
	{ProblemAboveQuota, 413, "Above the quota",
		"No upload was created: this request alone is larger than a quota of the board or the user.",
		"The batch has more photos, or the photos have more bytes, than are allowed in a minute or on a day.",
		"Send fewer or smaller photos in one request. policies names the exceeded quotas."},
	{ProblemInternal, 500, "Internal error",
		"The API failed.",
		"The API has a fault, or its permissions or settings are wrong.",
		"Give the operator the request id: it identifies the request in the log."},
	{ProblemAuthUnavailable, 503, "Authentication unavailable",
		"Bearer tokens cannot be checked at the moment.",
		"The issuer's keys cannot be fetched.",
		"Try again after the seconds in Retry-After."},
	{ProblemStorageUnavailable, 503, "Storage unavailable",
		"S3 cannot be used at the moment.",
		"S3 is down or throttles, or the credentials of the API have expired.",
		"Try again after the seconds in Retry-After."},
	{ProblemTimeout, 503, "Request timed out",
		"The request took too long.",
		"S3 or the issuer answers slowly.",
		"Try again after the seconds in Retry-After."},
}
