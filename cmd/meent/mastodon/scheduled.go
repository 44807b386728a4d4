package mastodon

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// scheduledRoutes are the statuses that wait for their time. They are made as others are, see [API.createStatus].
var scheduledRoutes = []row{
	{"GET", "/api/v1/scheduled_statuses", User, "read:statuses", (*API).scheduledStatuses, 0},
	{"GET", "/api/v1/scheduled_statuses/{id}", User, "read:statuses", (*API).showScheduled, 0},
	{"PUT", "/api/v1/scheduled_statuses/{id}", User, "write:statuses", (*API).reschedule, 0},
	{"DELETE", "/api/v1/scheduled_statuses/{id}", User, "write:statuses", (*API).deleteScheduled, 0},
}

// What can wait (Mastodon API, scheduled_at; the numbers are Mastodon's).
const (
	minAhead   = 5 * time.Minute
	maxWaiting = 300 // of one person
	maxPerDay  = 25  // of one person
)

// schedule keeps what the caller wrote for later, and judges it now as if it were published, so that they need not wait to hear what is wrong.
func (a *API) schedule(c *call) (any, error) {
	due, err := a.dueAt(c)
	if err != nil {
		return nil, err
	}
	d, err := a.draft(c)
	if err == nil {
		err = a.rehearse(c.Context(), d)
	}
	if err != nil {
		return nil, refusal(err)
	}
	s := &storage.Scheduled{
		ID: storage.ScheduledID(a.ids.Next()), Actor: c.id(), App: c.app, DueAt: due, Params: paramsOf(c.form), CreatedAt: a.Now(),
	}
	key := c.Request.Header.Get("Idempotency-Key")
	if key != "" {
		s.Params.Set("idempotency", key)
		key = "later " + auth.HashSecret(key)
	}
	if s.ID, err = once(func() (storage.ScheduledID, error) { return a.keepForLater(c.Context(), s, key) }, key); err != nil {
		return nil, err
	}
	return a.drawOwnScheduled(c, s.ID)
}

// keepForLater keeps it with the task to publish it; of a request that is repeated, what the first one kept.
func (a *API) keepForLater(ctx context.Context, s *storage.Scheduled, key string) (id storage.ScheduledID, err error) {
	err = a.town.Write(ctx, func(tx communities.Tx) error {
		archive := storage.Of(tx)
		if key != "" {
			known, err := archive.PostOnce(ctx, s.Actor, key)
			if id = storage.ScheduledID(known); !communities.IsNotFound(err) {
				return err
			}
		}
		id = s.ID
		if err := checkRoom(ctx, archive, s); err != nil {
			return err
		}
		if err := a.putScheduled(ctx, tx, s); err != nil || key == "" {
			return err
		}
		return archive.KeepOnce(ctx, s.Actor, key, communities.PostID(s.ID), a.Now())
	})
	return id, err
}

func checkRoom(ctx context.Context, tx *storage.Tx, s *storage.Scheduled) error {
	all, onDay, err := tx.CountScheduled(ctx, s.Actor, s.DueAt.UTC().Truncate(24*time.Hour))
	switch {
	case err != nil:
		return err
	case all >= maxWaiting:
		return communities.Invalidf("You have exceeded the limit of %d scheduled posts", maxWaiting)
	case onDay >= maxPerDay:
		return communities.Invalidf("You have exceeded the limit of %d scheduled posts for that day", maxPerDay)
	}
	return nil
}

// putScheduled keeps it with its files, which hang on nothing until then.
func (a *API) putScheduled(ctx context.Context, tx communities.Tx, s *storage.Scheduled) error {
	if err := storage.Of(tx).PutScheduled(ctx, s); err != nil {
		return err
	}
	if err := a.town.HoldMedia(ctx, tx, s.Actor, filesOf(s), s.DueAt); err != nil {
		return err
	}
	return tx.Enqueue(ctx, PublishScheduled{ID: s.ID, At: s.DueAt})
}

func filesOf(s *storage.Scheduled) []communities.MediaID {
	return parseIDs[communities.MediaID](form{values: s.Params}.list("media_ids"))
}

// paramsOf are the fields of a request that are read again when it is published.
func paramsOf(f form) url.Values {
	params := maps.Clone(f.values)
	for _, name := range []string{"scheduled_at", "access_token", "idempotency"} {
		delete(params, name)
	}
	return params
}

// errRehearsed undoes a transaction that would have gone well.
var errRehearsed = errors.New("it would have been published")

// rehearse asks every rule, and publishes nothing.
func (a *API) rehearse(ctx context.Context, d communities.Draft) error {
	err := a.town.Write(ctx, func(tx communities.Tx) error {
		if _, err := a.town.Publish(ctx, tx, d); err != nil {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// momentForms are how apps write a moment (Mastodon API, datetime-format). What names no zone is UTC.
var momentForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05 MST", time.DateTime, time.DateOnly}

func (a *API) dueAt(c *call) (time.Time, error) {
	asked := strings.TrimSpace(c.form.text("scheduled_at"))
	for _, layout := range momentForms {
		due, err := time.Parse(layout, asked)
		if err != nil {
			continue
		}
		if due.Before(a.Now().Add(minAhead)) {
			return due, communities.Invalidf("Validation failed: Scheduled at The scheduled date must be at least %d minutes in the future", minAhead/time.Minute)
		}
		return due.Truncate(time.Millisecond), nil
	}
	return time.Time{}, communities.Invalidf("Validation failed: Scheduled at is not a date and time")
}

func (a *API) scheduledStatuses(c *call) (any, error) {
	at := c.page(statusLength)
	waiting, err := a.reader(c).Scheduled(c.Context(), at)
	if err != nil {
		return nil, err
	}
	cursors := make([]int64, len(waiting))
	for i, s := range waiting {
		cursors[i] = int64(s.ID)
	}
	a.link(c, at, cursors)
	return a.drawScheduled(c, waiting)
}

func (a *API) showScheduled(c *call) (any, error) {
	s, err := a.ownScheduled(c)
	return a.drawnOr(c, s, err)
}

// ownScheduled finds what the address names among what the caller has waiting.
func (a *API) ownScheduled(c *call) (*storage.Scheduled, error) {
	id, err := pathID[storage.ScheduledID](c, "id")
	if err != nil {
		return nil, err
	}
	return a.scheduledOf(c, id)
}

func (a *API) scheduledOf(c *call, id storage.ScheduledID) (*storage.Scheduled, error) {
	s, err := a.archive.ScheduledPost(c.Context(), id)
	if err == nil && s.Actor != c.id() {
		return nil, communities.NotFound
	}
	return s, err
}

func (a *API) drawOwnScheduled(c *call, id storage.ScheduledID) (any, error) {
	s, err := a.scheduledOf(c, id)
	if communities.IsNotFound(err) {
		return nil, communities.Invalidf("This was scheduled before, and is published or taken back by now")
	}
	return a.drawnOr(c, s, err)
}

// reschedule gives it another time; nothing else can change.
func (a *API) reschedule(c *call) (any, error) {
	s, err := a.ownScheduled(c)
	if err != nil || !c.form.has("scheduled_at") {
		return a.drawnOr(c, s, err)
	}
	due, err := a.dueAt(c)
	if err != nil {
		return nil, err
	}
	s.DueAt = due
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return a.putScheduled(c.Context(), tx, s) })
	return a.drawnOr(c, s, err)
}

func (a *API) drawnOr(c *call, s *storage.Scheduled, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	list, err := a.drawScheduled(c, []*storage.Scheduled{s})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (a *API) deleteScheduled(c *call) (any, error) {
	s, err := a.ownScheduled(c)
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		if err := storage.Of(tx).TakeScheduled(c.Context(), s.Actor, s.ID); err != nil {
			return err
		}
		return a.town.LooseMedia(c.Context(), tx, s.Actor, filesOf(s))
	})
}

// drawScheduled draws what the caller has waiting, with the files that are there still.
func (a *API) drawScheduled(c *call, waiting []*storage.Scheduled) ([]entity.ScheduledStatus, error) {
	var ids []communities.MediaID
	for _, s := range waiting {
		ids = append(ids, filesOf(s)...)
	}
	files, err := a.archive.MediaOf(c.Context(), c.id(), ids)
	if err != nil {
		return nil, err
	}
	list := make([]entity.ScheduledStatus, len(waiting))
	for i, s := range waiting {
		list[i] = entity.ScheduledStatus{
			ID: entity.ID(s.ID), ScheduledAt: entity.Time(s.DueAt), Params: scheduledParams(s), MediaAttachments: []entity.Attachment{},
		}
		for _, id := range filesOf(s) {
			if m := files[id]; m != nil {
				list[i].MediaAttachments = append(list[i].MediaAttachments, a.attachment(m.File))
			}
		}
	}
	return list, nil
}

func scheduledParams(s *storage.Scheduled) entity.ScheduledParams {
	f := form{values: s.Params}
	params := entity.ScheduledParams{
		Text: f.text("status"), MediaIDs: f.list("media_ids"), Sensitive: f.givenFlag("sensitive"), SpoilerText: f.given("spoiler_text"),
		Visibility: f.given("visibility"), Language: f.given("language"), ApplicationID: int64(s.App), Idempotency: f.given("idempotency"),
		QuotedStatusID: f.given("quoted_status_id"), QuoteApprovalPolicy: f.given("quote_approval_policy"),
	}
	if id, err := parseID[communities.PostID](f.text("in_reply_to_id")); err == nil {
		params.InReplyToID = (*int64)(&id)
	}
	if options := f.list("poll[options]"); len(options) > 0 {
		params.Poll = &entity.ScheduledPoll{
			Options: slices.Clone(options), ExpiresIn: f.number("poll[expires_in]", 0), Multiple: f.flag("poll[multiple]"), HideTotals: f.flag("poll[hide_totals]"),
		}
	}
	return params
}
