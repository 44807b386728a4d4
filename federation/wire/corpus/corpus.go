// Package corpus reads a collection of documents that real servers sent, for the tests that hold our understanding against them.
package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Document is one of a collection.
type Document struct {
	Platform string // the folder that it lies in
	File     string
	Raw      []byte
}

// Read reads the documents below root, which has a folder per platform. Of recorded HTTP replies it takes the body, and where a fixture has
// a placeholder it puts an id. Files that do not end in .json are left out; to find none is an error.
func Read(root string) ([]Document, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil {
		return nil, fmt.Errorf("look for documents: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no documents in %s", root)
	}
	documents := make([]Document, len(files))
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a document: %w", err)
		}
		documents[i] = Document{filepath.Base(filepath.Dir(file)), file, unwrap([]byte(placeholders.Replace(string(raw))))}
	}
	return documents, nil
}

// placeholders stand in some fixtures where the server had an id.
var placeholders = strings.NewReplacer("SCRUBBED_ID", "https://kbin.test/scrubbed", "{{domain}}", "placeholder.example",
	`"{{activity_id}}"`, `"https://placeholder.example/1"`, "{{object_id}}", "1", "{{nickname}}", "anna")

// unwrap takes the body out of a recorded HTTP reply.
func unwrap(raw []byte) []byte {
	var reply struct {
		Body    string
		Headers map[string]any
	}
	if json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &reply) == nil && reply.Body != "" && reply.Headers != nil {
		return []byte(reply.Body)
	}
	return raw
}
