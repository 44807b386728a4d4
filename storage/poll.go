package storage

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// pollRow, optionRow and voteRow are a poll as the tables keep it.
type pollRow struct {
	bun.BaseModel `bun:"table:polls,alias:poll"`

	Post        communities.PostID `bun:"post_id,pk"`
	Multiple    bool               `bun:"multiple"`
	VotersCount int                `bun:"voters_count"`
	ClosesAt    moment             `bun:"closes_at,nullzero"`
	HideTotals  bool               `bun:"hide_totals"`
}

type optionRow struct {
	bun.BaseModel `bun:"table:poll_options,alias:o"`

	Post     communities.PostID `bun:"post_id,pk"`
	Position int                `bun:"position,pk"`
	Title    string             `bun:"title"`
	Votes    int                `bun:"votes"`
}

type voteRow struct {
	bun.BaseModel `bun:"table:poll_votes,alias:v"`

	Post      communities.PostID  `bun:"post_id,pk"`
	Voter     communities.ActorID `bun:"voter_id,pk"`
	Position  int                 `bun:"position,pk"`
	CreatedAt moment              `bun:"created_at"`
}

// loadParts adds the polls, events and quotes that the posts have, with no query for those that have none.
func (r reads) loadParts(ctx context.Context, posts []*communities.Post) error {
	questions := map[communities.PostID]*communities.Post{}
	happenings := map[communities.PostID]*communities.Post{}
	quoting := map[communities.PostID]*communities.Post{}
	for _, p := range posts {
		if p.Quote != nil {
			quoting[p.ID] = p
		}
		switch {
		case p.Deleted():
		case p.Kind == communities.Question:
			questions[p.ID] = p
		case p.Kind == communities.Happening:
			happenings[p.ID] = p
		}
	}
	if err := r.loadPolls(ctx, questions); err != nil {
		return err
	}
	if err := r.loadEvents(ctx, happenings); err != nil {
		return err
	}
	return r.loadQuotes(ctx, quoting)
}

func (r reads) loadPolls(ctx context.Context, posts map[communities.PostID]*communities.Post) error {
	if len(posts) == 0 {
		return nil
	}
	var rows []struct {
		pollRow
		Title sql.NullString // of an option; NULL: there is none
		Votes int
	}
	err := r.idb.NewRaw(`SELECT poll.*, o.title, COALESCE(o.votes, 0) AS votes FROM polls AS poll LEFT JOIN poll_options AS o ON o.post_id = poll.post_id
		WHERE poll.post_id ? ORDER BY poll.post_id, o.position`, among(r.idb, keysOf(posts))).Scan(ctx, &rows)
	for _, row := range rows {
		post := posts[row.Post]
		if post.Poll == nil {
			post.Poll = &communities.Poll{
				Multiple: row.Multiple, VotersCount: row.VotersCount, ClosesAt: row.ClosesAt.time(), HideTotals: row.HideTotals,
			}
		}
		if row.Title.Valid {
			post.Poll.Options = append(post.Poll.Options, communities.Option{Title: row.Title.String, Votes: row.Votes})
		}
	}
	return found(err, "read", "polls")
}

func keysOf[K ~int64, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Votes lists the options that a voter chose; see [communities.Tx].
func (r reads) Votes(ctx context.Context, post communities.PostID, voter communities.ActorID) ([]int, error) {
	var chosen []int
	err := r.idb.NewSelect().Model((*voteRow)(nil)).Column("position").
		Where("post_id = ? AND voter_id = ?", post, voter).OrderExpr("position").Scan(ctx, &chosen)
	return chosen, found(err, "read votes on", post)
}

// LocalVoters is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) LocalVoters(ctx context.Context, post communities.PostID) ([]communities.ActorID, error) {
	var ids []communities.ActorID
	err := r.idb.NewSelect().Model((*voteRow)(nil)).Distinct().Column("voter_id").
		Join("JOIN actors AS a ON a.id = v.voter_id AND a.host = ''").
		Where("post_id = ?", post).OrderExpr("voter_id").Scan(ctx, &ids)
	return ids, found(err, "list voters on", post)
}

// CastVotes stores votes and counts them; see [communities.Tx]. An option that the poll does not have is invalid.
func (tx *Tx) CastVotes(ctx context.Context, post communities.PostID, voter communities.ActorID, options []int, at time.Time) error {
	titles, err := tx.lockPoll(ctx, post)
	if err != nil {
		return err
	}
	before, err := tx.Votes(ctx, post, voter)
	if err != nil {
		return err
	}
	rows := make([]voteRow, 0, len(options))
	for _, option := range options {
		if option < 0 || option >= titles {
			return communities.Invalidf("the poll has no option %d", option)
		}
		if slices.Contains(before, option) {
			return communities.Conflictf("this vote was cast already")
		}
		rows = append(rows, voteRow{Post: post, Voter: voter, Position: option, CreatedAt: momentOf(at)})
	}
	if len(rows) == 0 {
		return nil
	}
	b := tx.batch()
	b.query(tx.idb.NewInsert().Model(&rows))
	b.add("UPDATE poll_options SET votes = votes + 1 WHERE post_id = ? AND position IN (?)", post, bun.List(options))
	b.add("UPDATE polls SET voters_count = voters_count + ? WHERE post_id = ?", countOf(len(before) == 0), post)
	return found(b.exec(ctx), "vote on", post)
}

// lockPoll lets nobody else vote on the poll until the end of the transaction, and tells how many options it has.
func (tx *Tx) lockPoll(ctx context.Context, post communities.PostID) (options int, err error) {
	tx.seen.forget()
	lock := tx.idb.NewSelect().Model((*pollRow)(nil)).Column("post_id").Where("post_id = ?", post)
	if tx.db.engine.postgres {
		lock = lock.For("UPDATE")
	}
	var locked communities.PostID
	if err := lock.Scan(ctx, &locked); err != nil {
		return 0, found(err, "lock poll", post)
	}
	err = tx.idb.NewSelect().Model((*optionRow)(nil)).ColumnExpr("count(*)").Where("post_id = ?", post).Scan(ctx, &options)
	return options, found(err, "count options of", post)
}

// SetPollResults stores what the home of a remote poll counted; see [communities.Tx].
func (tx *Tx) SetPollResults(ctx context.Context, post communities.PostID, votes []int, voters int) error {
	options, err := tx.lockPoll(ctx, post)
	if err != nil {
		return err
	}
	if len(votes) != options {
		return communities.Invalidf("the poll has %d options, not %d", options, len(votes))
	}
	b := tx.batch()
	for position, n := range votes {
		b.add("UPDATE poll_options SET votes = ? WHERE post_id = ? AND position = ?", n, post, position)
	}
	b.add("UPDATE polls SET voters_count = ? WHERE post_id = ?", voters, post)
	return found(b.exec(ctx), "set results of poll", post)
}

func (b *batch) insertPoll(p *communities.Post) {
	if p.Poll == nil {
		return
	}
	row := pollRow{Post: p.ID, Multiple: p.Poll.Multiple, VotersCount: p.Poll.VotersCount, ClosesAt: momentOf(p.Poll.ClosesAt), HideTotals: p.Poll.HideTotals}
	b.query(b.tx.idb.NewInsert().Model(&row))
	options := make([]optionRow, len(p.Poll.Options))
	for i, o := range p.Poll.Options {
		options[i] = optionRow{Post: p.ID, Position: i, Title: o.Title, Votes: o.Votes}
	}
	if len(options) > 0 {
		b.query(b.tx.idb.NewInsert().Model(&options))
	}
}

func (b *batch) deletePoll(post communities.PostID) {
	for _, table := range []string{"poll_votes", "poll_options", "polls"} {
		b.add("DELETE FROM "+table+" WHERE post_id = ?", post)
	}
}

func (b *batch) updatePollDates(p *communities.Post) {
	if p.Poll != nil {
		b.add("UPDATE polls SET closes_at = ?, hide_totals = ? WHERE post_id = ?", bun.NullZero(momentOf(p.Poll.ClosesAt)), p.Poll.HideTotals, p.ID)
	}
}

// samePoll tells whether votes on the one still mean the same on the other.
func samePoll(a, b *communities.Poll) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Multiple == b.Multiple && slices.EqualFunc(a.Options, b.Options, func(x, y communities.Option) bool { return x.Title == y.Title })
}
