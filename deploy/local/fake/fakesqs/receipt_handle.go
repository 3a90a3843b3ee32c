package fakesqs

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// A receipt handle names a queue, a message in it and a receive of that message. It holds no secret and needs no
// table, so it stays valid across a restart. To clients it is opaque.
const handleVersion = 1

func encodeHandle(queue, seq uint64, receipt uint32) string {
	b := make([]byte, 0, 25)
	b = append(b, handleVersion)
	b = binary.BigEndian.AppendUint64(b, queue)
	b = binary.BigEndian.AppendUint64(b, seq)
	b = binary.BigEndian.AppendUint32(b, receipt)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.StdEncoding.EncodeToString(b)
}

// decodeHandle returns the message and the receive that a receipt handle of this queue names. It reports false for an
// invalid handle and for one of another queue.
func decodeHandle(handle string, queue uint64) (seq uint64, receipt uint32, ok bool) {
	b, err := base64.StdEncoding.DecodeString(handle)
	if err != nil || len(b) != 25 || b[0] != handleVersion || crc32.ChecksumIEEE(b[:21]) != binary.BigEndian.Uint32(b[21:]) ||
		binary.BigEndian.Uint64(b[1:]) != queue {
		return 0, 0, false
	}
	return binary.BigEndian.Uint64(b[9:]), binary.BigEndian.Uint32(b[17:]), true
}
