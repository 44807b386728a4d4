package communities

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// What people of this node can give, and for how long it waits.
const (
	MaxMedia      = 4              // files of a post that is written here
	MaxLooseMedia = 60             // files of one person that hang on nothing yet
	looseFor      = 24 * time.Hour // a file that hangs on nothing
	redraftFor    = time.Hour      // the files of a post that its author may be writing anew
)

// Purpose is what a file is for.
type Purpose string

const (
	ForPost   Purpose = "post"
	ForIcon   Purpose = "icon"
	ForHeader Purpose = "header"
)

// MediaState is how far the work on a file has come.
type MediaState string

const (
	MediaWorking MediaState = "working" // its bytes are being looked at and made anew
	MediaReady   MediaState = "ready"
	MediaFailed  MediaState = "failed" // for a reason
	MediaGoing   MediaState = "going"  // its bytes are being deleted
)

// Media is a file that somebody of this node gave. It hangs on a post or on its owner's profile, or it goes when it expires.
type Media struct {
	ID        MediaID
	Owner     ActorID
	Purpose   Purpose
	State     MediaState
	Post      PostID     // 0: it hangs on none
	Name      string     // what its bytes are called by: nobody can guess it, and whoever knows it may see them
	Original  string     // name of the file, once it is ready
	Preview   string     // name of the small picture; "": none
	File      Attachment // as it stands in a post
	Reason    string     // why it failed, for people
	CreatedAt time.Time
	ExpiresAt time.Time // zero: it hangs on something
}

// Upload is somebody's wish to give a file.
type Upload struct {
	Owner   ActorID // whose it will be: a person's own, or a group's
	By      ActorID
	Purpose Purpose
	Kind    string // image, video, audio
	Alt     string
	FocusX  float64 // -1 to 1, of the part of a picture that a crop must keep
	FocusY  float64
}

// BeginMedia makes room for a file. Its bytes come afterwards, under the name that it gets here; they go a day later unless the file
// hangs on something by then.
func (t *Town) BeginMedia(ctx context.Context, tx Tx, u Upload) (*Media, error) {
	action, on := GiveMedia, On{Other: u.Owner}
	owner, err := tx.Actor(ctx, u.Owner)
	if err != nil {
		return nil, err
	}
	if owner.IsGroup() {
		action, on = EditGroup, On{Group: u.Owner}
	}
	if _, err := t.May(ctx, tx, action, u.By, on); err != nil {
		return nil, err
	}
	loose, err := tx.CountLooseMedia(ctx, u.Owner)
	if err != nil {
		return nil, fmt.Errorf("files of %s: %w", owner.Name, err)
	}
	if loose >= MaxLooseMedia {
		return nil, Limitedf("too many files wait for a post; use or delete some first")
	}
	now := t.now()
	m := &Media{
		ID: MediaID(t.ids.Next()), Owner: u.Owner, Purpose: u.Purpose, State: MediaWorking, Name: strings.ToLower(rand.Text()),
		CreatedAt: now, ExpiresAt: now.Add(looseFor),
	}
	m.File.Media, m.File.Kind = m.ID, u.Kind
	if err := m.describe(&u.Alt, &Focus{u.FocusX, u.FocusY}); err != nil {
		return nil, err
	}
	if err := tx.CreateMedia(ctx, m); err != nil {
		return nil, fmt.Errorf("give a file: %w", err)
	}
	return m, tx.Enqueue(ctx, ForgetMedia{At: m.ExpiresAt})
}

// FinishMedia notes what was made of a file: what is known of it, and the names of its bytes. Its description stays as it is by then.
func (t *Town) FinishMedia(ctx context.Context, tx Tx, made Media) (*Media, error) {
	m, err := tx.Media(ctx, made.ID)
	if err != nil {
		return nil, err
	}
	if m.State != MediaWorking {
		return m, nil
	}
	is := m.File
	m.File, m.Original, m.State = made.File, made.Original, MediaReady
	m.File.Media, m.File.Alt, m.File.FocusX, m.File.FocusY = m.ID, is.Alt, is.FocusX, is.FocusY
	if m.Preview == "" {
		m.Preview = made.Preview
	} else { // its owner chose one
		m.File.PreviewWidth, m.File.PreviewHeight = is.PreviewWidth, is.PreviewHeight
	}
	m.File.URL, m.File.Preview = t.File(m.Original), t.File(m.Preview)
	return m, tx.UpdateMedia(ctx, m)
}

// FailMedia notes why nothing can be made of a file.
func (t *Town) FailMedia(ctx context.Context, tx Tx, id MediaID, reason string) error {
	m, err := absent(tx.Media(ctx, id))
	if err != nil || m == nil || m.State != MediaWorking {
		return err
	}
	m.State, m.Reason = MediaFailed, reason
	return tx.UpdateMedia(ctx, m)
}

// Focus is the point of a picture that a crop must keep, from -1 (left, bottom) to 1.
type Focus struct{ X, Y float64 }

// MediaEdit is what its owner changes of a file. Nil stays.
type MediaEdit struct {
	Media   MediaID
	By      ActorID
	Post    PostID // that it may hang on; 0: none
	Alt     *string
	Focus   *Focus
	Preview *Preview
}

// Preview is a small picture that stands for a file, whose bytes are there already.
type Preview struct {
	Name          string
	Width, Height int // pixels
}

// EditMedia describes a file. What hangs on a post is described with the post; see [Town.Edit].
func (t *Town) EditMedia(ctx context.Context, tx Tx, e MediaEdit) (*Media, error) {
	m, err := t.ownMedia(ctx, tx, e.Media, e.By)
	if err != nil {
		return nil, err
	}
	if m.Post != 0 && m.Post != e.Post {
		return nil, NotFound
	}
	if err := m.describe(e.Alt, e.Focus); err != nil {
		return nil, err
	}
	if p := e.Preview; p != nil {
		m.Preview, m.File.Preview, m.File.PreviewWidth, m.File.PreviewHeight = p.Name, t.File(p.Name), p.Width, p.Height
	}
	return m, tx.UpdateMedia(ctx, m)
}

// DiscardMedia takes back a file that hangs on nothing.
func (t *Town) DiscardMedia(ctx context.Context, tx Tx, id MediaID, by ActorID) error {
	m, err := t.ownMedia(ctx, tx, id, by)
	if err != nil {
		return err
	}
	if m.ExpiresAt.IsZero() {
		return Invalidf("this file is in use; delete what it hangs on")
	}
	return t.release(ctx, tx, m, t.now())
}

// ownMedia finds a file of the actor's own; that of others is absent.
func (t *Town) ownMedia(ctx context.Context, tx Tx, id MediaID, by ActorID) (*Media, error) {
	m, err := tx.Media(ctx, id)
	if err != nil {
		return nil, err
	}
	if m.Owner != by || m.State == MediaGoing {
		return nil, NotFound
	}
	_, err = t.May(ctx, tx, GiveMedia, by, On{Other: by})
	return m, err
}

func (m *Media) describe(alt *string, focus *Focus) error {
	if alt != nil {
		if utf8.RuneCountInString(*alt) > MaxAlt {
			return Invalidf("a description has at most %d characters", MaxAlt)
		}
		m.File.Alt = strings.TrimSpace(*alt)
	}
	if focus != nil {
		if !(math.Abs(focus.X) <= 1 && math.Abs(focus.Y) <= 1) {
			return Invalidf("the focus of a picture lies between -1 and 1")
		}
		m.File.FocusX, m.File.FocusY = focus.X, focus.Y
	}
	return nil
}

// gather fills in what is known of the files that a draft of this node names, and refuses those that are not the author's to use: a file
// goes with one post.
func (t *Town) gather(ctx context.Context, tx Tx, author ActorID, post PostID, list []Attachment) ([]Attachment, error) {
	full := slices.Clone(list)
	given := 0
	for i, a := range list {
		if a.Media == 0 {
			continue
		}
		if given++; given > MaxMedia {
			return nil, Invalidf("a post has at most %d files", MaxMedia)
		}
		m, err := t.usable(ctx, tx, author, a.Media, ForPost)
		if err != nil {
			return nil, err
		}
		if m.Post != 0 && m.Post != post {
			return nil, errUnknownFile
		}
		full[i] = m.File
	}
	return full, nil
}

var errUnknownFile = Invalidf("one of the files does not exist, or goes with another post already")

// usable finds a file of the owner's that is ready for a purpose.
func (t *Town) usable(ctx context.Context, tx Tx, owner ActorID, id MediaID, purpose Purpose) (*Media, error) {
	m, err := absent(tx.Media(ctx, id))
	if err != nil {
		return nil, err
	}
	switch {
	case m == nil || m.Owner != owner || m.Purpose != purpose || m.State == MediaGoing:
		return nil, errUnknownFile
	case m.State == MediaWorking:
		return nil, Invalidf("one of the files is not ready yet; try again in a moment")
	case m.State == MediaFailed:
		return nil, Invalidf("%s", m.Reason)
	}
	return m, nil
}

// attach hangs the files that a post has now on it, and lets go of those that it had before.
func (t *Town) attach(ctx context.Context, tx Tx, p *Post, had []Attachment) error {
	for _, a := range p.Attachments {
		if a.Media == 0 || holds(had, a) {
			continue
		}
		m, err := tx.Media(ctx, a.Media)
		if err != nil {
			return fmt.Errorf("attach file %d: %w", a.Media, err)
		}
		m.Post, m.ExpiresAt = p.ID, time.Time{}
		if err := tx.UpdateMedia(ctx, m); err != nil {
			return fmt.Errorf("attach file %d: %w", a.Media, err)
		}
	}
	var dropped []Attachment
	for _, a := range had {
		if !holds(p.Attachments, a) {
			dropped = append(dropped, a)
		}
	}
	return t.letGo(ctx, tx, dropped, 0)
}

// holds tells whether the same file is in a list.
func holds(list []Attachment, file Attachment) bool {
	return slices.ContainsFunc(list, func(a Attachment) bool {
		return a.Media == file.Media && (a.Media != 0 || a.URL == file.URL)
	})
}

// letGo has the bytes of files deleted that hung on something, after a while; those of other nodes, which are only kept for others' sake, too.
func (t *Town) letGo(ctx context.Context, tx Tx, files []Attachment, after time.Duration) error {
	at, forget := t.now().Add(after), ForgetMedia{}
	for _, a := range files {
		if a.Media == 0 {
			if a.URL != "" && !t.Owns(a.URL) {
				forget.Remote = append(forget.Remote, a.URL)
			}
			continue
		}
		m, err := absent(tx.Media(ctx, a.Media))
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		if err := t.release(ctx, tx, m, at); err != nil {
			return err
		}
	}
	if len(forget.Remote) == 0 {
		return nil
	}
	return tx.Enqueue(ctx, forget)
}

// letGoAll has the bytes of an actor's pictures deleted, and of all else that they gave and that hangs on no post.
func (t *Town) letGoAll(ctx context.Context, tx Tx, a *Actor) error {
	if !a.Local() {
		return t.letGo(ctx, tx, []Attachment{{URL: a.Icon.URL}, {URL: a.Header.URL}}, 0)
	}
	if err := tx.ExpireMedia(ctx, a.ID, t.now()); err != nil {
		return err
	}
	return tx.Enqueue(ctx, ForgetMedia{})
}

// release lets one file expire at a moment.
func (t *Town) release(ctx context.Context, tx Tx, m *Media, at time.Time) error {
	m.Post, m.ExpiresAt = 0, at
	if err := tx.UpdateMedia(ctx, m); err != nil {
		return fmt.Errorf("let go of file %d: %w", m.ID, err)
	}
	return tx.Enqueue(ctx, ForgetMedia{At: at})
}

// HoldMedia keeps files of a person's that hang on nothing until a moment, for a post that will be written by then.
func (t *Town) HoldMedia(ctx context.Context, tx Tx, owner ActorID, ids []MediaID, until time.Time) error {
	if len(ids) > MaxMedia {
		return Invalidf("a post has at most %d files", MaxMedia)
	}
	for _, id := range ids {
		m, err := t.usable(ctx, tx, owner, id, ForPost)
		if err != nil {
			return err
		}
		if m.Post != 0 {
			return errUnknownFile
		}
		if err := t.release(ctx, tx, m, until.Add(looseFor)); err != nil {
			return err
		}
	}
	return nil
}

// LooseMedia is the opposite of [Town.HoldMedia]: the post will not be written. What is gone or goes with a post by now is left as it is.
func (t *Town) LooseMedia(ctx context.Context, tx Tx, owner ActorID, ids []MediaID) error {
	for _, id := range ids {
		m, err := absent(tx.Media(ctx, id))
		if err != nil {
			return err
		}
		if m == nil || m.Owner != owner || m.Post != 0 || m.State == MediaGoing {
			continue
		}
		if err := t.release(ctx, tx, m, t.now().Add(looseFor)); err != nil {
			return err
		}
	}
	return nil
}

// ForgetMedia is the task to delete the bytes of files that have expired by a moment, and what is kept of other nodes' files.
type ForgetMedia struct {
	At     time.Time `json:"at,omitzero"`
	Remote []string  `json:"remote,omitempty"` // addresses
}

// Kind implements [Task].
func (ForgetMedia) Kind() string { return "forget_media" }

// NotBefore implements [Timed].
func (f ForgetMedia) NotBefore() time.Time { return f.At }

// MakeMedia is the task to make what can be shown of a file whose bytes wait.
type MakeMedia struct {
	Media MediaID `json:"media"`
}

// Kind implements [Task].
func (MakeMedia) Kind() string { return "make_media" }
