package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"meent/communities"
)

//go:embed asset/*
var assetFiles embed.FS

// assetPath is where the files that pages load are served.
const assetPath = "/assets/"

// assets are the files that pages load. Each is served under a name with a piece of its hash, so that browsers may keep it for good.
type assets struct {
	hashed map[string]string // as it is called here -> as pages call it
	files  map[string]asset  // by the latter
}

type asset struct {
	mediaType string
	content   []byte
}

const hashLength = 12 // of hexadecimal digits: enough to tell versions apart

func readAssets() (*assets, error) {
	a := &assets{hashed: map[string]string{}, files: map[string]asset{}}
	err := fs.WalkDir(assetFiles, "asset", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := assetFiles.ReadFile(file)
		if err != nil {
			return err
		}
		name, extension := path.Base(file), path.Ext(file)
		sum := sha256.Sum256(content)
		hashed := strings.TrimSuffix(name, extension) + "." + hex.EncodeToString(sum[:])[:hashLength] + extension
		a.hashed[name] = hashed
		a.files[hashed] = asset{mediaType: mime.TypeByExtension(extension), content: content}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	return a, nil
}

// url returns where pages find a file.
func (a *assets) url(name string) (string, error) {
	hashed, found := a.hashed[name]
	if !found {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return assetPath + hashed, nil
}

// Stylesheet is the address of the style of the pages, for pages of other faces.
func (p *Pages) Stylesheet() string { return assetPath + p.assets.hashed["style.css"] }

// Asset serves a file that pages load.
func (p *Pages) Asset(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	file, found := p.assets.files[r.PathValue("file")]
	if !found {
		return communities.NotFound
	}
	w.Header().Set("Content-Type", file.mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return p.write(w, r, http.StatusOK, file.content)
}
