// Verifies a log directory with other people's packages, which know nothing of Sekisho: the note
// with both its signatures, every entry's inclusion proof, every bundle, and that the tree extends
// each earlier checkpoint given.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads the tiles of tlog-tiles, whose paths lack the height that Go's own have.
type tiles struct{ directory string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) path(tile tlog.Tile) string {
	return filepath.Join(t.directory, "tile", strings.TrimPrefix(tile.Path(), "tile/8/"))
}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		raw, err := os.ReadFile(t.path(tile))
		if err != nil {
			return nil, err
		}
		read = append(read, raw)
	}
	return read, nil
}

func (t tiles) entries(size int64) ([][]byte, error) {
	var found [][]byte
	for first := int64(0); first < size; first += 256 {
		width := int(min(size-first, 256))
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: width}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		raw, err := os.ReadFile(filepath.Join(t.directory, path))
		if err != nil {
			return nil, err
		}
		for ; width > 0; width-- {
			if len(raw) < 2 || len(raw)-2 < int(binary.BigEndian.Uint16(raw)) {
				return nil, errors.New("torn bundle")
			}
			end := 2 + int(binary.BigEndian.Uint16(raw))
			found, raw = append(found, raw[2:end]), raw[end:]
		}
		if len(raw) > 0 {
			return nil, errors.New("bundle too long")
		}
	}
	return found, nil
}

func open(path string, known []note.Verifier) (tlog.Tree, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(raw, note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(known) {
		return tlog.Tree{}, errors.New("a signature is missing")
	}
	lines := strings.SplitN(opened.Text, "\n", 2)
	// Go's own trees name themselves; the other two lines are the same.
	return tlog.ParseTree([]byte("go.sum database tree\n" + lines[1]))
}

func verify(directory string, vkeys, earlier []string) (int64, error) {
	var known []note.Verifier
	for _, vkey := range vkeys {
		verifier, err := newVerifier(vkey)
		if err != nil {
			return 0, err
		}
		known = append(known, verifier)
	}
	tree, err := open(filepath.Join(directory, "checkpoint"), known)
	if err != nil {
		return 0, err
	}
	store := tiles{directory}
	reader := tlog.TileHashReader(tree, store)
	entries, err := store.entries(tree.N)
	if err != nil {
		return 0, err
	}
	for index, entry := range entries {
		leaf := tlog.RecordHash(entry)
		proof, err := tlog.ProveRecord(tree.N, int64(index), reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), leaf); err != nil {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
	}
	for _, path := range earlier {
		old, err := open(path, known)
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	return tree.N, nil
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: verifier DIRECTORY VKEY VKEY [EARLIER-CHECKPOINT...]")
		os.Exit(2)
	}
	size, err := verify(os.Args[1], os.Args[2:4], os.Args[4:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(size)
}
