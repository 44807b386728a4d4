package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"meent/communities"
)

// Note says what a transaction did, to those who keep a stream open for an app. It holds ids, not texts: whoever reads it reads the rest
// with the eyes of who is to see it. Notes leave after the commit, and may be lost: apps read again what they missed.
type Note struct {
	Kind  NoteKind            `json:"k"`
	Post  communities.PostID  `json:"p,omitempty"`
	Actor communities.ActorID `json:"a,omitempty"` // whom it concerns; 0: everybody
	ID    int64               `json:"i,omitempty"` // of the notification, or what a signal is about
	Event string              `json:"e,omitempty"` // of a signal
	Text  string              `json:"t,omitempty"` // of a signal
	Gone  *Gone               `json:"g,omitempty"`
}

// NoteKind is what happened.
type NoteKind string

// The kinds of note.
const (
	NotePosted   NoteKind = "posted"   // Post is new: a thread, an answer or a boost
	NoteHome     NoteKind = "home"     // Post stands on home timelines
	NoteEdited   NoteKind = "edited"   // Post says something else
	NoteGone     NoteKind = "gone"     // Post was deleted, or taken away from most: see Gone
	NoteNotified NoteKind = "notified" // Actor has the notification ID
	NoteEnded    NoteKind = "ended"    // some token may have ended: of Actor, or of anybody
	NoteSignal   NoteKind = "signal"   // see [Tx.Signal]
)

// Gone is who could see a post that is no longer there to be asked about.
type Gone struct {
	Author     communities.ActorID    `json:"a"`
	Visibility communities.Visibility `json:"v"`
	Group      communities.ActorID    `json:"g,omitempty"`
	Named      []communities.ActorID  `json:"n,omitempty"`
	Hashtags   []string               `json:"h,omitempty"`
	Files      bool                   `json:"f,omitempty"`
	Thread     bool                   `json:"t,omitempty"` // neither an answer nor a boost
	Removed    bool                   `json:"r,omitempty"` // before: since then only its author and the moderators of its group saw it
}

// What a note says of a post that is gone, at most: it has to fit into a notification of PostgreSQL.
const (
	maxGoneNamed = 100
	maxGoneTags  = 20
)

// liveFor is how old a post may be to come by as it is stored: what is fetched or imported from the past does not.
const liveFor = time.Hour

func (tx *Tx) note(n Note) {
	if !slices.ContainsFunc(tx.notes, func(known Note) bool { return known.Gone == nil && n.Gone == nil && known == n }) {
		tx.notes = append(tx.notes, n)
	}
}

func (tx *Tx) notePost(kind NoteKind, post communities.PostID) {
	if tx.db.now().Sub(communities.IDTime(post)) < liveFor {
		tx.note(Note{Kind: kind, Post: post})
	}
}

func (tx *Tx) noteGone(p *communities.Post) {
	gone := &Gone{
		Author: p.Author, Visibility: p.Visibility, Group: p.Group, Files: len(p.Attachments) > 0, Removed: p.Removed(),
		Thread: p.InReplyToURI == "" && p.BoostOf == 0, Hashtags: p.Hashtags[:min(len(p.Hashtags), maxGoneTags)],
	}
	for _, m := range p.Mentions[:min(len(p.Mentions), maxGoneNamed)] {
		if m.Actor != 0 {
			gone.Named = append(gone.Named, m.Actor)
		}
	}
	tx.note(Note{Kind: NoteGone, Post: p.ID, Gone: gone})
}

// noteChange tells of a post that was changed, in what people read or in who may read it.
func (tx *Tx) noteChange(ctx context.Context, old, p *communities.Post) error {
	switch {
	case p.Removed() && !old.Removed():
		tx.noteGone(old)
		return tx.noteBoosts(ctx, old)
	case !p.EditedAt.Equal(old.EditedAt) || p.Removed() != old.Removed():
		tx.note(Note{Kind: NoteEdited, Post: p.ID})
	}
	return nil
}

// noteEnd has the streams closed whose token is no longer good.
func (tx *Tx) noteEnd(actor communities.ActorID) { tx.note(Note{Kind: NoteEnded, Actor: actor}) }

// Signal is something that people's apps are told of over their streams, beside posts and notifications (Mastodon API, streaming events).
type Signal struct {
	Event string              // its name for apps, such as filters_changed; the client API has a table of those it can draw
	Actor communities.ActorID // whose apps; 0: everybody's
	ID    int64               // what it is about; 0: nothing in particular
	Text  string              // more about it, short
}

// Signal tells of s once the transaction is committed.
func (tx *Tx) Signal(s Signal) {
	tx.note(Note{Kind: NoteSignal, Event: s.Event, Actor: s.Actor, ID: s.ID, Text: s.Text})
}

// relay takes the notes of a command along as a task, for the node that runs beside it.
type relay struct{ Notes []Note }

// RelayTask is the kind of task by which a command's notes reach the running node.
const RelayTask = "relay"

// Kind implements [communities.Task].
func (relay) Kind() string { return RelayTask }

// Relay does a task of that kind.
func (db *DB) Relay(_ context.Context, args []byte) error {
	var r relay
	if err := json.Unmarshal(args, &r); err != nil {
		return fmt.Errorf("read the notes of a command: %w", err)
	}
	db.spread(r.Notes)
	return nil
}

// packNotes makes the task of a transaction that no node hears.
func (tx *Tx) packNotes() {
	if tx.db.relays.Load() && len(tx.notes) > 0 {
		tx.tasks = append(tx.tasks, relay{tx.notes})
		tx.notes = nil
	}
}
