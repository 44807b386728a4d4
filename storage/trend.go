package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Trends count what is public, of a week, by the ids of posts, which rise with time: the databases read that stretch of an index and no more.

const (
	dayLength  = 24 * time.Hour
	trendDays  = 7
	trendsRead = 500 // posts of which links are looked at, the newest
)

// DayUse is how much something was used on one day (UTC).
type DayUse struct {
	Day      time.Time
	Uses     int
	Accounts int // different people
}

// Trend is a hashtag with its last week, today first. A day without use is there, empty.
type Trend struct {
	Name     string
	Days     []DayUse
	Accounts int // the sum over the days
}

// TrendingTags lists the hashtags that at least two people used in the week before now, those with the most people first.
func (r reads) TrendingTags(ctx context.Context, now time.Time, offset, limit int) ([]Trend, error) {
	var names []string
	err := r.idb.NewRaw(`SELECT t.name FROM hashtags AS t JOIN posts AS p ON p.id = t.post_id WHERE t.post_id >= ? AND `+usable+`
		GROUP BY t.name HAVING count(DISTINCT p.author_id) > 1 ORDER BY count(DISTINCT p.author_id) DESC, count(*) DESC, t.name LIMIT ? OFFSET ?`,
		weekOf(now), limit, offset).Scan(ctx, &names)
	if err != nil || len(names) == 0 {
		return nil, found(err, "count", "hashtags")
	}
	return r.TagHistory(ctx, now, names)
}

// usable is the condition for posts that count: public, standing, and not of people whom the node shows to their followers only.
const usable = `p.visibility = 'public' AND p.deleted_at IS NULL AND p.removed_at IS NULL AND p.boost_of_id IS NULL
	AND (SELECT a.suspended_at IS NULL AND a.deleted_at IS NULL AND a.limited_at IS NULL AND a.host_policy NOT IN ('blocked', 'limited')
		FROM actors AS a WHERE a.id = p.author_id)`

// weekOf is the id from which on the last trendDays days begin.
func weekOf(now time.Time) int64 {
	return communities.IDBefore(now.UTC().Truncate(dayLength).AddDate(0, 0, 1-trendDays))
}

// TagHistory counts the use of hashtags over the last week, in the order of the names.
func (r reads) TagHistory(ctx context.Context, now time.Time, names []string) ([]Trend, error) {
	var rows []struct {
		Name     string
		Day      int64
		Uses     int
		Accounts int
	}
	err := r.idb.NewRaw(`SELECT t.name, p.created_at / ? AS day, count(*) AS uses, count(DISTINCT p.author_id) AS accounts
		FROM hashtags AS t JOIN posts AS p ON p.id = t.post_id WHERE t.name IN (?) AND t.post_id >= ? AND `+usable+` GROUP BY t.name, 2`,
		dayLength.Milliseconds(), bun.List(names), weekOf(now)).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "count hashtags", names)
	}
	trends, at := make([]Trend, len(names)), map[string]*Trend{}
	today := now.UTC().Truncate(dayLength)
	for i, name := range names {
		trends[i] = Trend{Name: name, Days: make([]DayUse, trendDays)}
		for d := range trends[i].Days {
			trends[i].Days[d].Day = today.AddDate(0, 0, -d)
		}
		at[name] = &trends[i]
	}
	for _, row := range rows {
		if d := int(today.UnixMilli()/dayLength.Milliseconds() - row.Day); d >= 0 && d < trendDays {
			at[row.Name].Days[d].Uses, at[row.Name].Days[d].Accounts = row.Uses, row.Accounts
			at[row.Name].Accounts += row.Accounts
		}
	}
	return trends, nil
}

// liked counts who favoured and shared a post, without the share by which its own group shows it.
const liked = "(p.favourites_count + p.boosts_count - CASE WHEN p.group_id IS NULL OR p.boosts_count = 0 THEN 0 ELSE 1 END)"

// TrendingPosts lists the public threads of the last week that people favoured and shared most.
func (r *Reader) TrendingPosts(ctx context.Context, now time.Time, offset, limit int) ([]*View, error) {
	var rows []postRow
	query := r.posts(&rows).Where(isListed+" AND p.id >= ?", weekOf(now)).Where("?", r.wanted()).Where("?", r.unlimited()).
		Where(liked + " > 0").OrderExpr(liked + " DESC, p.id DESC").Offset(int64(offset)).Limit(int64(Page{Limit: limit}.limit()))
	if !r.db.engine.postgres { // as in [Reader.public]
		query = query.ModelTableExpr("posts AS p INDEXED BY posts_public")
	}
	return r.list(ctx, Page{}, &rows, query)
}

// Told is what one public post says, for who counts what is in posts.
type Told struct {
	Author    communities.ActorID
	Content   string
	CreatedAt time.Time
}

// ToldLately reads the newest public threads of the last week.
func (r reads) ToldLately(ctx context.Context, now time.Time) ([]Told, error) {
	var rows []postRow
	err := r.idb.NewSelect().Model(&rows).Column("author_id", "content", "created_at").
		Where(isListed+" AND p.id >= ? AND "+usable, weekOf(now)).OrderExpr("p.id DESC").Limit(trendsRead).Scan(ctx)
	told := make([]Told, len(rows))
	for i, row := range rows {
		told[i] = Told{Author: row.Author, Content: row.Content, CreatedAt: row.CreatedAt.time()}
	}
	return told, found(err, "read", "what was told lately")
}

// WeekActivity is what happened here in one week (Mastodon API, instance/activity).
type WeekActivity struct {
	Start         time.Time
	Posts         int // by people of this node
	Writers       int // how many of them wrote
	Registrations int
}

// activityWeeks is how many weeks are told, this one included.
const activityWeeks = 12

// Activity counts the last weeks, this one first. Weeks begin on Mondays (UTC).
func (r reads) Activity(ctx context.Context, now time.Time) ([]WeekActivity, error) {
	monday := now.UTC().Truncate(dayLength)
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	weeks := make([]WeekActivity, activityWeeks)
	for i := range weeks {
		weeks[i].Start = monday.AddDate(0, 0, -7*i)
	}
	first := weeks[activityWeeks-1].Start
	week := 7 * dayLength.Milliseconds()
	var rows []struct {
		Week           int
		Posts, Writers int
	}
	err := r.idb.NewRaw(`SELECT (p.created_at - ?) / ? AS week, count(*) AS posts, count(DISTINCT p.author_id) AS writers FROM posts AS p
		WHERE p.id >= ? AND p.local AND p.boost_of_id IS NULL AND p.deleted_at IS NULL AND p.visibility <> 'direct' GROUP BY 1`,
		first.UnixMilli(), week, communities.IDBefore(first)).Scan(ctx, &rows)
	if err != nil {
		return nil, found(err, "count", "the posts of weeks")
	}
	for _, row := range rows {
		if at := activityWeeks - 1 - row.Week; at >= 0 && at < activityWeeks {
			weeks[at].Posts, weeks[at].Writers = row.Posts, row.Writers
		}
	}
	var joined []struct{ Week, Registrations int }
	err = r.idb.NewRaw("SELECT (created_at - ?) / ? AS week, count(*) AS registrations FROM accounts WHERE actor_id >= ? AND NOT unapproved AND NOT unconfirmed GROUP BY 1",
		first.UnixMilli(), week, communities.IDBefore(first)).Scan(ctx, &joined)
	for _, row := range joined {
		if at := activityWeeks - 1 - row.Week; at >= 0 && at < activityWeeks {
			weeks[at].Registrations = row.Registrations
		}
	}
	return weeks, found(err, "count", "the registrations of weeks")
}
