package mastodon

import (
	"net/http"
	"strconv"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage/media"
)

// uploads is how often a client may give a file, per minute.
const uploads = 60

// mediaRoutes take files, and what is said about them (https://docs.joinmastodon.org/methods/media/).
var mediaRoutes = []row{
	{"POST", "/api/v1/media", User, "write:media", (*API).giveMedia, uploads},
	{"POST", "/api/v2/media", User, "write:media", (*API).giveMediaLater, uploads},
	{"GET", "/api/v1/media/{id}", User, "write:media", (*API).showMedia, 0},
	{"PUT", "/api/v1/media/{id}", User, "write:media", (*API).editMedia, 0},
	{"DELETE", "/api/v1/media/{id}", User, "write:media", (*API).deleteMedia, 0},
	{"DELETE", "/api/v1/profile/avatar", User, "write:accounts", (*API).deleteAvatar, 0},
	{"DELETE", "/api/v1/profile/header", User, "write:accounts", (*API).deleteHeader, 0},
}

// takesFiles are the routes that take files, and how many bytes.
var takesFiles = map[string]int64{
	"POST /api/v1/media":                        media.MaxFilmBytes + media.MaxPictureBytes,
	"POST /api/v2/media":                        media.MaxFilmBytes + media.MaxPictureBytes,
	"PUT /api/v1/media/{id}":                    media.MaxPictureBytes,
	"PATCH /api/v1/accounts/update_credentials": 2 * media.MaxPictureBytes,
	"PUT /api/v1/accounts/update_credentials":   2 * media.MaxPictureBytes,
	"PATCH /api/v1/profile":                     2 * media.MaxPictureBytes,
	"PUT /api/v1/profile":                       2 * media.MaxPictureBytes,
}

func (a *API) mediaLimits() entity.MediaLimits {
	return entity.MediaLimits{
		SupportedMIMETypes: a.Media.Workshop.MediaTypes(), DescriptionLimit: communities.MaxAlt,
		ImageSizeLimit: media.MaxPictureBytes, ImageMatrixLimit: media.MaxPixels,
		VideoSizeLimit: media.MaxFilmBytes, VideoFrameRateLimit: media.MaxFilmFrameRate, VideoMatrixLimit: media.MaxFilmPixels,
	}
}

// giveMedia answers when the file is ready; giveMediaLater leaves the work on video and sound to a task.
func (a *API) giveMedia(c *call) (any, error)      { return a.take(c, false) }
func (a *API) giveMediaLater(c *call) (any, error) { return a.take(c, true) }

func (a *API) take(c *call, later bool) (any, error) {
	file := c.form.file("file")
	if file == nil {
		return nil, communities.Invalidf("no file was given")
	}
	upload := communities.Upload{Owner: c.id(), By: c.id(), Purpose: communities.ForPost, Alt: c.form.text("description")}
	focus, err := c.form.focus()
	if err != nil {
		return nil, err
	}
	if focus != nil {
		upload.FocusX, upload.FocusY = focus.X, focus.Y
	}
	m, err := a.Media.Take(c.Context(), upload, file, file.size, later)
	if err != nil {
		return nil, refusal(err)
	}
	if c.form.file("thumbnail") != nil {
		if m, err = a.describeMedia(c, m, communities.MediaEdit{Media: m.ID, By: c.id()}); err != nil {
			return nil, err
		}
	}
	return a.mediaAnswer(m, http.StatusAccepted), nil
}

// mediaAnswer draws a file; while it is worked on, under a status that says so.
func (a *API) mediaAnswer(m *communities.Media, working int) any {
	drawn := a.attachment(m.File)
	if m.State == communities.MediaWorking {
		return numbered{working, drawn}
	}
	return drawn
}

// numbered is an answer with a status of its own.
type numbered struct {
	status int
	body   any
}

// showMedia tells how far the work on a file is, until it goes with a status.
func (a *API) showMedia(c *call) (any, error) {
	m, err := a.pathMedia(c)
	if err != nil {
		return nil, err
	}
	if m.State == communities.MediaFailed {
		return nil, communities.Invalidf("%s", m.Reason)
	}
	return a.mediaAnswer(m, http.StatusPartialContent), nil
}

// pathMedia finds a file of the caller's that the address names and that goes with no status yet.
func (a *API) pathMedia(c *call) (*communities.Media, error) {
	id, err := pathID[communities.MediaID](c, "id")
	if err != nil {
		return nil, err
	}
	m, err := a.archive.Media(c.Context(), id)
	if err != nil {
		return nil, err
	}
	gone := m.State == communities.MediaGoing || !m.ExpiresAt.IsZero() && !a.Now().Before(m.ExpiresAt) // its bytes go soon
	if gone || m.Owner != c.id() || m.Post != 0 || m.Purpose != communities.ForPost {
		return nil, communities.NotFound
	}
	return m, nil
}

func (a *API) editMedia(c *call) (any, error) {
	m, err := a.pathMedia(c)
	if err != nil {
		return nil, err
	}
	edit := communities.MediaEdit{Media: m.ID, By: c.id(), Alt: c.form.given("description")}
	if edit.Focus, err = c.form.focus(); err != nil {
		return nil, err
	}
	if m, err = a.describeMedia(c, m, edit); err != nil {
		return nil, err
	}
	return a.mediaAnswer(m, http.StatusOK), nil
}

// describeMedia changes what is said of a file, with the small picture that came along.
func (a *API) describeMedia(c *call, m *communities.Media, edit communities.MediaEdit) (*communities.Media, error) {
	if file := c.form.file("thumbnail"); file != nil {
		var err error
		if edit.Preview, err = a.Media.TakePreview(c.Context(), m, file, file.size); err != nil {
			return nil, err
		}
	}
	err := a.town.Write(c.Context(), func(tx communities.Tx) (err error) {
		m, err = a.town.EditMedia(c.Context(), tx, edit)
		return err
	})
	return m, refusal(err)
}

func (a *API) deleteMedia(c *call) (any, error) {
	id, err := pathID[communities.MediaID](c, "id")
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return a.town.DiscardMedia(c.Context(), tx, id, c.id())
	})
}

// describeFiles changes what an edit says of the files of a status (media_attributes[]).
func (a *API) describeFiles(c *call, tx communities.Tx, post *communities.Post) error {
	for _, record := range c.form.records("media_attributes") {
		id, err := parseID[communities.MediaID](record.text("id"))
		if err != nil {
			return err
		}
		edit := communities.MediaEdit{Media: id, By: c.id(), Post: post.ID, Alt: record.given("description")}
		if edit.Focus, err = record.focus(); err != nil {
			return err
		}
		if _, err := a.town.EditMedia(c.Context(), tx, edit); err != nil {
			return err
		}
	}
	return nil
}

// focus reads the point that a crop must keep: two numbers with a comma; nil when absent.
func (f form) focus() (*communities.Focus, error) {
	if f.text("focus") == "" {
		return nil, nil //nolint:nilnil // it stays as it is
	}
	x, y, _ := strings.Cut(f.text("focus"), ",")
	focusX, err := strconv.ParseFloat(strings.TrimSpace(x), 64)
	focusY, other := strconv.ParseFloat(strings.TrimSpace(y), 64)
	if err != nil || other != nil {
		return nil, communities.Invalidf("The focus of a picture is two numbers between -1 and 1")
	}
	return &communities.Focus{X: focusX, Y: focusY}, nil
}

// pictures reads the avatar and header that a profile gets, and what is said of them.
func (a *API) pictures(c *call, profile *communities.Profile) (err error) {
	for _, picture := range []struct {
		field   string
		purpose communities.Purpose
		is      communities.Image
		to      **communities.Image
	}{
		{"avatar", communities.ForIcon, c.person.Icon, &profile.Icon},
		{"header", communities.ForHeader, c.person.Header, &profile.Header},
	} {
		next := picture.is
		file, alt := c.form.file(picture.field), c.form.given(picture.field+"_description")
		if file == nil && alt == nil {
			continue
		}
		if file != nil {
			m, err := a.Media.Take(c.Context(), communities.Upload{Owner: c.id(), By: c.id(), Purpose: picture.purpose}, file, file.size, false)
			if err != nil {
				return err
			}
			next = communities.Image{Media: m.ID}
		}
		if alt != nil {
			next.Alt = *alt
		}
		*picture.to = &next
	}
	return nil
}

func (a *API) deleteAvatar(c *call) (any, error) {
	return a.editProfile(c, communities.Profile{Actor: c.id(), By: c.id(), Icon: &communities.Image{}})
}

func (a *API) deleteHeader(c *call) (any, error) {
	return a.editProfile(c, communities.Profile{Actor: c.id(), By: c.id(), Header: &communities.Image{}})
}
