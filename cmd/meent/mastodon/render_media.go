package mastodon

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
)

// mediaKinds are the types that apps know; a link or document is unknown to them, which they show as an address to open.
var mediaKinds = map[string]string{"image": "image", "video": "video", "audio": "audio"}

// attachments draws the files of a post. Those of other nodes have no ids of their own here; within a status theirs differ.
func (a *API) attachments(post *communities.Post) []entity.Attachment {
	list := make([]entity.Attachment, len(post.Attachments))
	for i, file := range post.Attachments {
		list[i] = a.attachment(file)
		if file.Media == 0 {
			list[i].ID = entity.ID(post.ID) + entity.ID(i)
		}
	}
	return list
}

// attachment draws a file. Apps load it from this node, wherever it is from.
func (a *API) attachment(file communities.Attachment) entity.Attachment {
	kind, known := mediaKinds[file.Kind]
	drawn := entity.Attachment{
		ID: entity.ID(file.Media), Type: cmp.Or(kind, "unknown"), URL: entity.Optional(file.URL), PreviewURL: entity.Optional(file.Preview),
		Description: entity.Optional(file.Alt), Blurhash: entity.Optional(file.Blurhash), Meta: meta(file),
	}
	if file.Media == 0 {
		drawn.RemoteURL = drawn.URL
		if known {
			drawn.URL = entity.Optional(a.Shown(file.URL))
		}
	}
	if drawn.PreviewURL == nil && kind == "image" {
		drawn.PreviewURL = drawn.URL
	}
	return drawn
}

func meta(file communities.Attachment) entity.AttachmentMeta {
	m := entity.AttachmentMeta{Duration: file.Duration, Length: lasting(file.Duration)}
	m.Original = dimensions(file.Width, file.Height)
	if file.Duration > 0 {
		m.Original = cmp.Or(m.Original, &entity.Dimensions{})
		m.Original.FrameRate, m.Original.Duration, m.Original.Bitrate = file.FrameRate, file.Duration, file.Bitrate
	}
	m.Small = cmp.Or(dimensions(file.PreviewWidth, file.PreviewHeight), dimensions(file.Width, file.Height))
	if file.Width > 0 {
		m.Focus = &entity.Focus{X: file.FocusX, Y: file.FocusY}
	}
	return m
}

func dimensions(width, height int) *entity.Dimensions {
	if width <= 0 || height <= 0 {
		return nil
	}
	return &entity.Dimensions{Width: width, Height: height, Size: fmt.Sprintf("%dx%d", width, height), Aspect: float64(width) / float64(height)}
}

// lasting writes seconds as apps read them; "" for none.
func lasting(seconds float64) string {
	if seconds <= 0 {
		return ""
	}
	whole := time.Duration(seconds) * time.Second
	return fmt.Sprintf("%d:%02d:%05.2f", int(whole.Hours()), int(whole.Minutes())%60, seconds-60*float64(int(seconds)/60))
}

// stillThere leaves out of what a post had once the files that were deleted since.
func stillThere(post *communities.Post, had []communities.Attachment) []communities.Attachment {
	return slices.DeleteFunc(slices.Clone(had), func(a communities.Attachment) bool {
		has := func(is communities.Attachment) bool { return is.Media == a.Media }
		return a.Media != 0 && !slices.ContainsFunc(post.Attachments, has)
	})
}

// addressed are the attachments that no app can name, because they are addresses alone.
func addressed(list []communities.Attachment) []communities.Attachment {
	return slices.DeleteFunc(slices.Clone(list), func(a communities.Attachment) bool { return a.Media != 0 })
}
