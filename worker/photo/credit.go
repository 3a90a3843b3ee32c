package photo

// Credit holds what the original says about who made it. A worker keeps only the members that its operator asks for.
// They are the uploader's words: untrusted text in UTF-8, without control characters except the newlines of a
// description.
type Credit struct {
	Copyright   string `json:"copyright,omitempty"`   // who owns the rights: at most MaxCopyright characters
	Creator     string `json:"creator,omitempty"`     // who made the picture, several joined by "; ": at most MaxCreator characters
	Credit      string `json:"credit,omitempty"`      // whom to name beside the picture: at most MaxCreditLine characters
	Description string `json:"description,omitempty"` // what the picture shows: at most MaxDescription characters
}

// Limits of the members of a [Credit], in characters. The rest of a longer text is cut off.
const (
	MaxCopyright   = 512
	MaxCreator     = 256
	MaxCreditLine  = 256
	MaxDescription = 2000
)

// MaxClaimGenerator is the maximum length, in characters, of the name of the program that made content credentials. The
// rest is cut off.
const MaxClaimGenerator = 200
