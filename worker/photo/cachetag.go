package photo

import "strings"

// A cache tag is a word that a cache keeps with an answer, so that one request removes every answer that has it. A
// variant has two: that of its photo and that of its board. They consist only of names that the variant's URL also has.
//
// CloudFront's tags have at most 256 characters of ASCII 33 to 126 without commas, and their case does not count:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-tags.html
// The longest tag here has 115 characters, none of them upper-case.

// CacheTagName is the name of the user metadata that holds a variant's cache tags, separated by commas. S3 sends it as
// the header [CacheTagHeader].
const CacheTagName = "cache-tag"

// CacheTagHeader is the header that a CDN reads the cache tags from.
const CacheTagHeader = "x-amz-meta-" + CacheTagName

// CacheTag returns the tag of every variant of the photo.
func (r Ref) CacheTag() string { return "photo:" + r.Key() }

// CacheTag returns the tag of every variant of the board.
func (b Board) CacheTag() string { return "board:" + string(b) }

// CacheTags returns the value of the metadata [CacheTagName] for a variant of the photo.
func (r Ref) CacheTags() string { return strings.Join([]string{r.CacheTag(), r.Board.CacheTag()}, ",") }
