package web

import (
	"cmp"
	"path"
	"strings"
	"unicode/utf8"

	"meent/communities"
)

// fileView is an attachment: a picture, film or sound that this node hands out, or a link to anything else.
type fileView struct {
	Kind          string // image, video, audio; else a link
	URL, Name     string
	Preview       string
	Width, Height int // of the preview; 0: not known
}

func (p *Pages) files(c *catalogue, attachments []communities.Attachment) []fileView {
	var list []fileView
	for _, a := range attachments {
		list = append(list, p.file(c, a))
	}
	return list
}

func (p *Pages) file(c *catalogue, a communities.Attachment) fileView {
	v := fileView{Kind: a.Kind, URL: a.URL, Name: strings.TrimSpace(a.Alt)}
	switch a.Kind {
	case "image", "video", "audio":
		v.URL, v.Preview = p.Shown(a.URL), p.Shown(a.Preview)
		v.Name = cmp.Or(v.Name, c.text("file."+a.Kind))
	default:
		v.Name = cmp.Or(v.Name, path.Base(a.URL))
	}
	if a.Kind == "image" {
		v.Preview = cmp.Or(v.Preview, v.URL)
		v.Width, v.Height = cmp.Or(a.PreviewWidth, a.Width), cmp.Or(a.PreviewHeight, a.Height)
	}
	if utf8.RuneCountInString(v.Name) > excerptLength && v.Preview == "" {
		v.Name = string([]rune(v.Name)[:excerptLength]) + "…"
	}
	return v
}
