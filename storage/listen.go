package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// On PostgreSQL several processes share the work, and people's streams: what one did, those tell who hold them. A process listens all the
// time (LISTEN), and tells (NOTIFY) only while it knows of another one with streams. For that, each says when it opens its first and
// closes its last, again from time to time, and to whoever asks.

const (
	notesChannel = "meent_notes"
	maxPayload   = 7900                  // bytes; PostgreSQL allows 7999
	gatherFor    = 10 * time.Millisecond // what other transactions did meanwhile goes along
	presentEvery = 30 * time.Second
	presentFor   = 100 * time.Second
	listenPause  = time.Second // before the next attempt, where the database is away
	tellTimeout  = 5 * time.Second
)

// letter is what one process tells the others.
type letter struct {
	From  string `json:"f"`
	Open  *bool  `json:"o,omitempty"` // whether it has streams; nil: as before
	Ask   bool   `json:"q,omitempty"` // who else has?
	Notes []Note `json:"n,omitempty"`
}

// others are the other processes on the database.
type others struct {
	db *DB

	mu      sync.Mutex
	present map[string]time.Time // those with streams, and when they last said so
}

// listen hears the others until ctx ends. Where the connection breaks, it makes another one.
func (o *others) listen(ctx context.Context) error {
	for {
		if err := o.hear(ctx); ctx.Err() == nil {
			o.db.log.WarnContext(ctx, "listen to the other processes", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(listenPause):
		}
	}
}

func (o *others) hear(ctx context.Context) (err error) {
	conn, err := pgx.Connect(ctx, o.db.dsn)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTimeout)
		defer cancel()
		err = errors.Join(err, conn.Close(closing))
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+notesChannel); err != nil {
		return err
	}
	open := o.db.watch.here.Load()
	if err := o.send(ctx, letter{Ask: true, Open: &open}); err != nil {
		return err
	}
	for {
		if err := o.next(ctx, conn); err != nil {
			return err
		}
	}
}

// next waits for one letter. When none comes for a while, it looks whether the connection still lives.
func (o *others) next(ctx context.Context, conn *pgx.Conn) error {
	patient, cancel := context.WithTimeout(ctx, presentEvery)
	defer cancel()
	notification, err := conn.WaitForNotification(patient)
	switch {
	case err == nil:
		return o.read(ctx, notification.Payload)
	case ctx.Err() == nil && patient.Err() != nil:
		return conn.Ping(ctx)
	}
	return err
}

func (o *others) read(ctx context.Context, payload string) error {
	var l letter
	if err := json.Unmarshal([]byte(payload), &l); err != nil {
		return fmt.Errorf("read a letter: %w", err)
	}
	if l.From == o.db.holder {
		return nil
	}
	if l.Open != nil {
		o.note(l.From, *l.Open)
	}
	if len(l.Notes) > 0 && o.db.watch.here.Load() {
		offer(o.db.watch.arrived, l.Notes)
	}
	if l.Ask && o.db.watch.here.Load() {
		return o.sayOpen(ctx)
	}
	return nil
}

// note keeps whether another process has streams, and forgets those who have not said so for long.
func (o *others) note(process string, open bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if o.present == nil {
		o.present = map[string]time.Time{}
	}
	o.present[process] = now
	for name, said := range o.present {
		if now.Sub(said) > presentFor || name == process && !open {
			delete(o.present, name)
		}
	}
	o.db.watch.there.Store(len(o.present) > 0)
}

// tell sends the others what transactions did here, until ctx ends.
func (o *others) tell(ctx context.Context) error {
	ticker := time.NewTicker(presentEvery)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return o.leave(ctx)
		case <-o.db.watch.attended:
			err = o.sayOpen(ctx)
		case <-ticker.C:
			o.note("", false)
			if o.db.watch.here.Load() {
				err = o.sayOpen(ctx)
			}
		case notes := <-o.db.watch.leaving:
			err = o.sendNotes(ctx, o.gather(ctx, notes))
		}
		if err != nil && ctx.Err() == nil {
			o.db.log.WarnContext(ctx, "tell the other processes", "err", err)
		}
	}
}

// leave is how a process says that it ends.
func (o *others) leave(ctx context.Context) error {
	if !o.db.watch.here.Swap(false) {
		return nil
	}
	err := o.sayOpen(context.WithoutCancel(ctx))
	if err != nil {
		o.db.log.WarnContext(ctx, "tell the other processes", "err", err)
	}
	return nil
}

func (o *others) sayOpen(ctx context.Context) error {
	open := o.db.watch.here.Load()
	return o.send(ctx, letter{Open: &open})
}

// gather waits a moment for what else happens.
func (o *others) gather(ctx context.Context, notes []Note) []Note {
	timer := time.NewTimer(gatherFor)
	defer timer.Stop()
	for {
		select {
		case more := <-o.db.watch.leaving:
			notes = append(notes[:len(notes):len(notes)], more...)
		case <-timer.C:
			return notes
		case <-ctx.Done():
			return notes
		}
	}
}

// sendNotes sends as many letters as it takes.
func (o *others) sendNotes(ctx context.Context, notes []Note) error {
	size, first := 0, 0
	for i, n := range notes {
		text, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("write a note: %w", err)
		}
		const envelope = 100 // bytes around the notes
		if size += len(text) + 1; size > maxPayload-envelope {
			if err := o.send(ctx, letter{Notes: notes[first:i]}); err != nil {
				return err
			}
			size, first = len(text)+1, i
		}
	}
	return o.send(ctx, letter{Notes: notes[first:]})
}

func (o *others) send(ctx context.Context, l letter) error {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	l.From = o.db.holder
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write a letter: %w", err)
	}
	_, err = o.db.writer.DB.ExecContext(ctx, "SELECT pg_notify($1, $2)", notesChannel, string(text))
	return err
}
