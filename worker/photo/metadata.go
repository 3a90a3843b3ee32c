package photo

import "net/url"

// OwnerOf returns the owner that the user metadata of an original names: the subject of the token it was uploaded with. It
// is empty if the metadata names none, or one that no token has written.
func OwnerOf(metadata map[string]string) string {
	owner, err := url.PathUnescape(metadata[MetaOwner])
	if err != nil {
		return ""
	}
	return owner
}
