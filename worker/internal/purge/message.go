package purge

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// messageVersion is the version of the form of messages. A worker leaves messages of another version to other workers.
const messageVersion = 1

// message is the body of a message of the queue. Without an id it asks for a purge. With one, that purge is in
// progress.
type message struct {
	Version int       `json:"version"`
	Purge   string    `json:"purge,omitempty"` // id of the purge
	Began   time.Time `json:"began,omitzero"`  // when the CDN was asked, if there is an id
	Photos  []request `json:"photos"`          // 1 to maxPhotos
}

// request is the request to purge one photo.
type request struct {
	Photo string    `json:"photo"` // board/id
	At    time.Time `json:"at"`    // when the purge was requested
}

// maxPhotos is the most photos of one message, which then has less than 20 KB.
const maxPhotos = MaxTags

// maxPurgeID bounds the length of an id. Those of CloudFront have 14 to 30 characters.
const maxPurgeID = 256

// parse returns the message with this body and its photos.
func parse(body string) (message, []photo.Ref, error) {
	var m message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return m, nil, fmt.Errorf("not the JSON of a purge: %w", err)
	}
	switch {
	case m.Version != messageVersion:
		return m, nil, fmt.Errorf("version %d: want %d", m.Version, messageVersion)
	case len(m.Photos) < 1 || len(m.Photos) > maxPhotos:
		return m, nil, fmt.Errorf("%s: want 1 to %d", plural.Count(len(m.Photos), "photo"), maxPhotos)
	case len(m.Purge) > maxPurgeID:
		return m, nil, fmt.Errorf("the id of the purge has %d characters: want at most %d", len(m.Purge), maxPurgeID)
	case (m.Purge == "") != m.Began.IsZero():
		return m, nil, errors.New("the id of a purge and the time of its beginning belong together")
	}
	refs := make([]photo.Ref, len(m.Photos))
	for i, p := range m.Photos {
		var err error
		if refs[i], err = photo.ParseKey(p.Photo); err != nil {
			return m, nil, err
		}
		if p.At.IsZero() {
			return m, nil, errors.New("a photo without the time of its request")
		}
	}
	return m, refs, nil
}

// body returns the message as it is sent.
func (m message) body() (string, error) {
	m.Version = messageVersion
	b, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("message of a purge: %w", err)
	}
	return string(b), nil
}

// oldest returns when the first of the photos was requested.
func (m message) oldest() time.Time {
	first := m.Photos[0].At
	for _, p := range m.Photos[1:] {
		if p.At.Before(first) {
			first = p.At
		}
	}
	return first
}
