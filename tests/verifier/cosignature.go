package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"
)

const mldsa44 = 0x06

// cosigner is a note.Verifier for the ML-DSA-44 lines of tlog-cosignature.
type cosigner struct {
	name string
	id   uint32
	key  *mldsa.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }

func (c cosigner) Verify(text, signature []byte) bool {
	lines := strings.Split(string(text), "\n")
	if len(lines) != 4 || len(signature) != 8+mldsa.MLDSA44SignatureSize {
		return false
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil {
		return false
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return false
	}
	message := []byte("subtree/v1\n\x00")
	message = append(append(message, byte(len(c.name))), c.name...)
	message = append(message, signature[:8]...)
	message = append(append(message, byte(len(lines[0]))), lines[0]...)
	message = binary.BigEndian.AppendUint64(message, 0)
	message = binary.BigEndian.AppendUint64(message, size)
	message = append(message, root...)
	return mldsa.Verify(c.key, message, signature[8:], nil) == nil
}

func newVerifier(vkey string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) == 0 || raw[0] != mldsa44 {
		return note.NewVerifier(vkey)
	}
	key, err := mldsa.NewPublicKey(mldsa.MLDSA44(), raw[1:])
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(append([]byte(name+"\n"), raw...))
	id := binary.BigEndian.Uint32(digest[:])
	if rest[:8] != strconv.FormatUint(1<<32|uint64(id), 16)[1:] {
		return nil, errors.New("the id does not belong to the key")
	}
	return cosigner{name, id, key}, nil
}
