package communities_test

import (
	"testing"

	. "meent/communities"
)

func TestCanQuote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		quotability            Quotability
		own, follows, followed bool
		want                   Consent
	}{
		{Quotability{}, true, false, false, ConsentAutomatic},
		{Quotability{}, false, true, true, ConsentDenied},
		{Quotability{Automatic: Anybody}, false, false, false, ConsentAutomatic},
		{Quotability{Automatic: Fans}, false, false, true, ConsentDenied},
		{Quotability{Automatic: Fans}, false, true, false, ConsentAutomatic},
		{Quotability{Automatic: Idols}, false, false, true, ConsentAutomatic},
		{Quotability{Automatic: Fans, Manual: Anybody}, false, false, false, ConsentManual},
		{Quotability{Automatic: Fans, Manual: Anybody}, false, true, false, ConsentAutomatic},
		{Quotability{Automatic: SomeOthers}, false, true, true, ConsentUnknown},
		{Quotability{Manual: SomeOthers | Idols}, false, false, true, ConsentManual},
	} {
		if got := test.quotability.CanQuote(test.own, test.follows, test.followed); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// Between people of one node consent is given at once, where the author's choice is such; it can be taken back, for good.
func TestQuoteHere(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		said := v.publish(Draft{Author: ann.ID, Source: "Hoi"})
		v.news()
		quoting := v.publish(Draft{Author: bob.ID, Quotes: said.ID})
		v.tells("Posted")
		if q := v.post(quoting.ID).Quote; !q.Accepted() || q.Of != said.ID || q.URI != said.URI || q.Authorization != said.URI+"/quotes/"+quoting.URI[len(base)+3:] {
			t.Errorf("quote %+v", q)
		}
		if n, count := v.notified(ann), v.post(said.ID).QuotesCount; n != "quote bob" || count != 1 {
			t.Errorf("ann is told %q, %d quotes", n, count)
		}

		v.run(func(tx Tx) error {
			_, err := v.town.Edit(v.Context(), tx, said.ID, Draft{Author: ann.ID, Source: "Dag"})
			return err
		})
		if n := v.notified(bob); n != "quoted_update ann" {
			t.Errorf("bob is told %q", n)
		}
		v.run(func(tx Tx) error {
			_, err := v.town.Edit(v.Context(), tx, quoting.ID, Draft{Author: bob.ID, Source: "Eens"})
			return err
		})
		if q := v.post(quoting.ID).Quote; !q.Accepted() {
			t.Errorf("an edit takes the quote away: %+v", q)
		}

		revoke := func(by *Actor) func(Tx) error {
			return func(tx Tx) error {
				_, err := v.town.RevokeQuote(v.Context(), tx, Revocation{Quoted: said.ID, Quoting: quoting.ID, By: by.ID})
				return err
			}
		}
		v.refuses(KindForbidden, "only the author", revoke(bob))
		v.news()
		v.run(revoke(ann))
		v.tells("ConsentRevoked Restated")
		v.run(revoke(ann))
		v.tells("")
		if q := v.post(quoting.ID).Quote; q.State != QuoteRevoked || q.Authorization != "" || v.post(said.ID).QuotesCount != 0 {
			t.Errorf("revoked: %+v", q)
		}
	})
}

// What is not for everybody is quoted by its author only, or not at all, and only as privately; a boost never is (SECURITY U22).
func TestWhatCannotBeQuoted(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		closed := v.group("closed", ann, GroupSettings{Closed: true})
		v.role(closed, bob, RoleMember)
		v.follow(bob, ann)
		post := func(visibility Visibility) *Post {
			return v.publish(Draft{Author: ann.ID, Source: "Hoi @bob", Visibility: visibility})
		}
		open, followers, direct := post(Public), post(Followers), post(Direct)
		inside := v.publish(Draft{Author: ann.ID, Group: closed.ID, Title: "Binnen", Source: "x"})
		quote := func(by *Actor, of *Post, change ...func(*Draft)) func(Tx) error {
			d := Draft{Author: by.ID, Source: "kijk", Quotes: of.ID}
			for _, c := range change {
				c(&d)
			}
			return v.publishing(d)
		}
		v.refuses(KindForbidden, "not public", quote(bob, followers))
		v.refuses(KindForbidden, "not public", quote(bob, direct))
		v.refuses(KindForbidden, "not public", quote(ann, direct))
		v.refuses(KindForbidden, "not public", quote(bob, inside))
		v.refuses(KindForbidden, "not public", quote(ann, inside))
		v.refuses(KindNotFound, "", quote(cas, followers))
		own := v.publish(Draft{Author: ann.ID, Source: "nog eens", Quotes: followers.ID, Visibility: Public})
		if own.Visibility != Followers {
			t.Errorf("a quote of what is for followers is %s", own.Visibility)
		}
		boost := do(v, func(tx Tx) (*Post, error) {
			return v.town.Boost(v.Context(), tx, Boosting{Post: open.ID, By: bob.ID})
		})
		v.refuses(KindInvalid, "boost", quote(cas, boost))
		v.refuses(KindInvalid, "names the author", quote(cas, open, func(d *Draft) { d.Visibility = Direct }))
		v.run(quote(cas, open, func(d *Draft) { d.Visibility, d.Source = Direct, "@ann zie" }))
		if n := v.post(open.ID).QuotesCount; n != 0 {
			t.Errorf("a quote for a few is counted: %d", n)
		}
		for _, p := range []*Post{followers, direct, inside} {
			if q := v.post(p.ID).Quotability; q != (Quotability{}) {
				t.Errorf("%s: %+v", p.Visibility, q)
			}
		}
		v.run(func(tx Tx) error {
			return v.town.Block(v.Context(), tx, Blocking{Blocker: ann.ID, Blocked: cas.ID})
		})
		v.refuses(KindNotFound, "", quote(cas, open))
	})
}

// The author of what is quoted for followers only sees it, so that they can take it away.
func TestQuotedAuthorSees(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		said := v.publish(Draft{Author: ann.ID, Source: "Hoi"})
		quoting := v.publish(Draft{Author: bob.ID, Source: "zeg", Quotes: said.ID, Visibility: Followers})
		sees := do(v, func(tx Tx) (bool, error) { return v.town.Sees(v.Context(), tx, ann.ID, quoting) })
		if p := v.post(quoting.ID); !sees || len(p.Names()) != 0 || v.notified(ann) != "quote bob" {
			t.Errorf("ann sees %v, %+v, is told %q", sees, p.Mentions, v.notified(ann))
		}
	})
}

func TestQuotability(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		quote := func(of *Post) func(Tx) error {
			return v.publishing(Draft{Author: bob.ID, Source: "kijk", Quotes: of.ID})
		}
		v.refuses(KindInvalid, "may quote", v.publishing(Draft{Author: ann.ID, Source: "x", Quotable: "friends"}))
		v.run(func(tx Tx) error {
			return v.town.SetDefaults(v.Context(), tx, Defaulting{Person: ann.ID, Posting: Defaults{QuotePolicy: QuotableByNobody}})
		})
		said := v.publish(Draft{Author: ann.ID, Source: "Hoi"})
		v.refuses(KindForbidden, "does not want", quote(said))
		forFollowers := v.publish(Draft{Author: ann.ID, Source: "Hoi", Quotable: QuotableByFollowers})
		v.refuses(KindForbidden, "does not want", quote(forFollowers))
		v.follow(bob, ann)
		v.run(quote(forFollowers))

		choose := func(by *Actor, choice QuoteChoice) func(Tx) error {
			return func(tx Tx) error {
				_, err := v.town.SetQuotability(v.Context(), tx, said.ID, by.ID, choice)
				return err
			}
		}
		v.refuses(KindForbidden, "only the author", choose(bob, QuotableByAnybody))
		v.refuses(KindInvalid, "may quote", choose(ann, ""))
		v.news()
		v.run(choose(ann, QuotableByAnybody))
		v.run(choose(ann, QuotableByAnybody))
		v.tells("Restated")
		v.run(quote(said))
	})
}

// Somebody of this node asks an author elsewhere, who answers, and may take it back.
func TestQuoteElsewhere(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, far, other := v.person("ann"), v.stranger(Person, "far", "far.example"), v.stranger(Person, "other", "far.example")
		closed := v.group("closed", ann, GroupSettings{Closed: true})
		d := from(far, "/p/1", "<p>hoi</p>")
		d.Quotability = Quotability{Manual: Anybody}
		said := v.publish(d)
		v.refuses(KindInvalid, "another place", v.publishing(Draft{Author: ann.ID, Group: closed.ID, Title: "x", Quotes: said.ID}))
		v.news()
		quoting := v.publish(Draft{Author: ann.ID, Source: "zie", Quotes: said.ID})
		v.tells("Posted QuoteAsked")
		settle := func(a QuoteAnswer) func(Tx) error {
			a.Quoting = quoting.ID
			return func(tx Tx) error { return v.town.SettleQuote(v.Context(), tx, a) }
		}
		v.refuses(KindForbidden, "only the author", settle(QuoteAnswer{By: other.ID, Accepted: true, Authorization: "https://far.example/s"}))
		state := func(want QuoteState, count int) {
			t.Helper()
			if q := v.post(quoting.ID).Quote; q.State != want || v.post(said.ID).QuotesCount != count {
				t.Errorf("%+v, want %s and %d", q, want, count)
			}
		}
		state(QuotePending, 0)
		v.run(settle(QuoteAnswer{By: far.ID, Accepted: true, Authorization: "https://far.example/s"}))
		v.run(settle(QuoteAnswer{By: far.ID, Accepted: true, Authorization: "https://far.example/other"}))
		v.tells("Restated")
		state(QuoteAccepted, 1)
		v.run(settle(QuoteAnswer{By: far.ID}))
		v.run(settle(QuoteAnswer{By: far.ID, Accepted: true, Authorization: "https://far.example/s"}))
		v.tells("Restated")
		state(QuoteRevoked, 0)
	})
}
