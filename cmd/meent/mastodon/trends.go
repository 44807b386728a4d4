package mastodon

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

// trendRoutes are what is talked about (methods/trends).
var trendRoutes = []row{
	{"GET", "/api/v1/trends", Anyone, "", (*API).trendingTags, 0},
	{"GET", "/api/v1/trends/tags", Anyone, "", (*API).trendingTags, 0},
	{"GET", "/api/v1/trends/statuses", Anyone, "", (*API).trendingStatuses, 0},
	{"GET", "/api/v1/trends/links", Anyone, "", (*API).trendingLinks, 0},
}

const (
	trendLength length = 10
	maxTrends          = 40
	trendFresh         = 5 * time.Minute
)

// counted keeps what is dear to count and the same for everybody, for a while. Safe for concurrent use.
type counted[T any] struct {
	mu     sync.Mutex
	value  T
	readAt time.Time
}

func (k *counted[T]) get(ctx context.Context, now time.Time, count func(context.Context) (T, error)) (T, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.readAt.IsZero() && now.Sub(k.readAt) < trendFresh {
		return k.value, nil
	}
	value, err := count(ctx)
	if err == nil {
		k.value, k.readAt = value, now
	}
	return value, err
}

// slice cuts the part of a list that a request asks for.
func slice[T any](c *call, list []T, l length) []T {
	from := min(max(c.form.number("offset", 0), 0), len(list))
	return list[from:min(from+c.page(l).Limit, len(list))]
}

func (a *API) trendingTags(c *call) (any, error) {
	drawn := []entity.Tag{}
	if !a.Trends {
		return drawn, nil
	}
	trends, err := a.tagTrends.get(c.Context(), a.Now(), func(ctx context.Context) ([]storage.Trend, error) {
		return a.archive.TrendingTags(ctx, a.Now(), 0, maxTrends)
	})
	if err != nil {
		return nil, err
	}
	shown := slice(c, trends, trendLength)
	names := make([]string, len(shown))
	for i, trend := range shown {
		names[i] = trend.Name
	}
	drawn, err = a.drawTags(c, names)
	for i := range drawn {
		drawn[i].History = drawDays(shown[i].Days)
	}
	return drawn, err
}

func drawDays(days []storage.DayUse) []entity.TagHistory {
	list := make([]entity.TagHistory, len(days))
	for i, day := range days {
		list[i] = entity.TagHistory{Day: strconv.FormatInt(day.Day.Unix(), 10), Uses: strconv.Itoa(day.Uses), Accounts: strconv.Itoa(day.Accounts)}
	}
	return list
}

func (a *API) trendingStatuses(c *call) (any, error) {
	if !a.Trends {
		return []entity.Status{}, nil
	}
	views, err := a.reader(c).TrendingPosts(c.Context(), a.Now(), max(c.form.number("offset", 0), 0), c.page(statusLength).Limit)
	if err != nil {
		return nil, err
	}
	return a.drawTimeline(c, onPublic, views)
}

// trendingLinks counts the addresses in the newest public threads by the people who wrote them: two at least. A page is shown by its address:
// nothing is fetched for this.
func (a *API) trendingLinks(c *call) (any, error) {
	if !a.Trends {
		return []entity.TrendingLink{}, nil
	}
	links, err := a.linkTrends.get(c.Context(), a.Now(), a.countLinks)
	return entity.List(slice(c, links, trendLength)), err
}

// sharing is who shared an address, by day.
type sharing map[time.Time]map[communities.ActorID]int

func (a *API) countLinks(ctx context.Context) ([]entity.TrendingLink, error) {
	now := a.Now().UTC()
	told, err := a.archive.ToldLately(ctx, now)
	if err != nil {
		return nil, err
	}
	shared, people := map[string]sharing{}, map[string]map[communities.ActorID]bool{}
	for _, post := range told {
		day := post.CreatedAt.UTC().Truncate(24 * time.Hour)
		for _, address := range text.Addresses(post.Content) {
			if u, err := url.Parse(address); err != nil || u.Host == a.town.Host() {
				continue
			}
			if shared[address] == nil {
				shared[address], people[address] = sharing{}, map[communities.ActorID]bool{}
			}
			if shared[address][day] == nil {
				shared[address][day] = map[communities.ActorID]int{}
			}
			shared[address][day][post.Author]++
			people[address][post.Author] = true
		}
	}
	addresses := slices.SortedFunc(maps.Keys(shared), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(people[y]), len(people[x])), cmp.Compare(x, y))
	})
	var links []entity.TrendingLink
	for _, address := range addresses {
		if len(people[address]) > 1 && len(links) < maxTrends {
			links = append(links, drawLink(address, now, shared[address]))
		}
	}
	return links, nil
}

func drawLink(address string, now time.Time, by sharing) entity.TrendingLink {
	link := entity.TrendingLink{URL: address, Title: address, Type: "link", Authors: []entity.Empty{}}
	if u, err := url.Parse(address); err == nil {
		link.Title, link.ProviderName = u.Host+u.EscapedPath(), u.Host
	}
	days := make([]storage.DayUse, 7)
	for i := range days {
		day := now.Truncate(24*time.Hour).AddDate(0, 0, -i)
		days[i] = storage.DayUse{Day: day, Accounts: len(by[day])}
		for _, times := range by[day] {
			days[i].Uses += times
		}
	}
	link.History = drawDays(days)
	return link
}
