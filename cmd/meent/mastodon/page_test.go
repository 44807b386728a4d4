package mastodon

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"meent/communities"
)

var linkForm = regexp.MustCompile(`<([^>]+)>; rel="(next|prev)"`)

// linked finds the address of a neighbouring page.
func (r reply) linked(rel string) string {
	for _, match := range linkForm.FindAllStringSubmatch(r.header.Get("Link"), -1) {
		if match[2] == rel {
			return match[1]
		}
	}
	return ""
}

func (r reply) ids() (ids []string) {
	r.t.Helper()
	var list []struct{ ID string }
	r.ok(&list)
	for _, item := range list {
		ids = append(ids, item.ID)
	}
	return ids
}

// However long the pages are: down by Link one meets every item once, newest first, and the last page says that it is; up from the
// bottom by min_id one meets the same.
func TestPagesHoldEverythingOnce(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		w.crowd()
		lists := w.pagedLists()
		for path, list := range lists {
			ascend(t, list.who, path, list.all)
		}
		paths := slices.Sorted(maps.Keys(lists))
		rapid.Check(t, func(r *rapid.T) {
			path := rapid.SampledFrom(paths).Draw(r, "path")
			limit := rapid.IntRange(1, 12).Draw(r, "limit")
			if down := walk(lists[path].who, path, limit); !slices.Equal(down, lists[path].all) {
				r.Fatalf("%s by %d: %v, want %v", path, limit, down, lists[path].all)
			}
		})
	})
}

// paged is a list as it is when read at once.
type paged struct {
	who app
	all []string
}

func (w *world) pagedLists() map[string]paged {
	anna, bert, nobody := w.app(w.anna), w.app(w.bert), app{w: w}
	lists := map[string]paged{}
	for path, who := range map[string]app{
		"/api/v1/timelines/home": bert, "/api/v1/timelines/public?local=true": nobody, "/api/v1/timelines/tag/druk": nobody,
		"/api/v1/accounts/" + id(w.anna.ID) + "/statuses?exclude_replies=true": nobody, "/api/v1/timelines/list/" + id(w.fietsen.ID): bert,
		"/api/v1/accounts/" + id(w.fietsen.ID) + "/followers": nobody, "/api/v1/accounts/" + id(w.bert.ID) + "/following": nobody,
		"/api/v1/favourites": bert, "/api/v1/bookmarks": bert, "/api/v1/notifications": anna, "/api/v1/blocks": anna, "/api/v1/mutes": anna,
		"/api/v1/statuses/" + id(w.plain.ID) + "/favourited_by": nobody, "/api/v1/statuses/" + id(w.plain.ID) + "/reblogged_by": nobody,
	} {
		lists[path] = paged{who, who.get(with(path, 80)).ids()}
		if all := lists[path].all; len(all) < 3 || slices.Contains(all, "") {
			w.t.Fatalf("%s holds only %v", path, all)
		}
	}
	return lists
}

func with(path string, limit int) string {
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	return fmt.Sprintf("%s%slimit=%d", path, sign, limit)
}

func walk(who app, path string, limit int) (met []string) {
	for next, pages := with(path, limit), 0; next != "" && pages < 200; pages++ {
		page := who.get(next)
		ids := page.ids()
		if len(ids) > limit {
			who.w.t.Errorf("%s has %d items", next, len(ids))
		}
		met, next = append(met, ids...), page.linked("next")
	}
	return met
}

// ascend goes to the bottom and up again by the links that lead there.
func ascend(t *testing.T, who app, path string, all []string) {
	t.Helper()
	const limit = 2
	next := with(path, limit)
	var page reply
	for next != "" {
		page = who.get(next)
		if page.linked("prev") == "" {
			break
		}
		next = page.linked("next")
	}
	if page.linked("prev") == "" { // past the end
		page = who.get(with(path, len(all)))
	}
	var met []string
	for up := page.linked("prev"); up != ""; up = page.linked("prev") {
		page = who.get(up)
		met = append(page.ids(), met...)
	}
	for i, one := range met {
		if all[i] != one {
			t.Errorf("%s upwards: %v, want %v", path, met, all[:len(met)])
			return
		}
	}
}

// crowd fills every list.
func (w *world) crowd() {
	const size = 7
	phones := []app{w.app(w.anna), w.app(w.bert)}
	for i := range size {
		name := fmt.Sprintf("bezoeker%d", i)
		var visitor *communities.Actor
		w.do(func(ctx context.Context, tx communities.Tx) (err error) {
			visitor, err = w.person(ctx, tx, name, "")
			return err
		})
		w.follow(visitor, w.fietsen)
		w.follow(w.bert, visitor)
		own := w.app(visitor)
		own.post("/api/v1/statuses/"+id(w.plain.ID)+"/favourite", nil).ok(nil)
		own.post("/api/v1/statuses/"+id(w.plain.ID)+"/reblog", nil).ok(nil)
		phones[0].post("/api/v1/accounts/"+id(visitor.ID)+"/mute", nil).ok(nil)
		thread := w.post(communities.Draft{Author: w.anna.ID, Group: w.fietsen.ID, Title: name, Source: "#druk"})
		phones[1].post("/api/v1/statuses/"+id(thread.ID)+"/favourite", nil).ok(nil)
		phones[1].post("/api/v1/statuses/"+id(thread.ID)+"/bookmark", nil).ok(nil)
		w.do(func(ctx context.Context, tx communities.Tx) (err error) {
			visitor, err = w.person(ctx, tx, "lastig"+name[8:], "")
			return err
		})
		phones[0].post("/api/v1/accounts/"+id(visitor.ID)+"/block", nil).ok(nil)
	}
	phones[0].post("/api/v1/accounts/"+id(w.cor.ID)+"/mute", url.Values{"notifications": {"false"}}).ok(nil)
	w.do(func(ctx context.Context, tx communities.Tx) error { // so that anna hears of them again
		for i := range size {
			visitor, err := tx.ActorByName(ctx, fmt.Sprintf("bezoeker%d", i), "")
			if err != nil {
				return err
			}
			if _, err := tx.PutNotification(ctx, &communities.Notification{
				ID: communities.NotificationID(w.archive.IDs().Next()), Recipient: w.anna.ID, Kind: communities.NotifyFollow, From: w.bert.ID,
				Group: visitor.ID, CreatedAt: w.api.Now(),
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bounds and lengths are as documented, and what is none is as good as absent.
func TestPageBounds(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	path := "/api/v1/accounts/" + id(w.anna.ID) + "/statuses"
	all := app{w: w}.get(path).ids()
	for query, want := range map[string][]string{
		"?max_id=" + all[0]:                       all[1:],
		"?since_id=" + all[2]:                     all[:2],
		"?min_id=" + all[2] + "&limit=1":          all[1:2],
		"?max_id=x&limit=-3":                      all,
		"?limit=1000":                             all,
		"?max_id=" + all[0] + "&min_id=" + all[2]: all[1:2],
	} {
		if got := (app{w: w}).get(path + query).ids(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	answer := app{w: w}.get(path + "?limit=1&exclude_replies=true")
	if next := answer.linked("next"); !strings.Contains(next, "exclude_replies=true") || !strings.Contains(next, "limit=1") || !strings.HasPrefix(next, w.town.Base+path) {
		t.Errorf("the next page forgets what was asked: %s", next)
	}
	if last := (app{w: w}).get(path + "?max_id=1"); last.status != http.StatusOK || last.header.Get("Link") != "" || string(last.body) != "[]\n" {
		t.Errorf("past the end: %q %s", last.header.Get("Link"), last.body)
	}
}
