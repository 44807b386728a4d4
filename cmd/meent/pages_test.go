package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"meent/cmd/meent/web"
	"meent/communities"
	"meent/communities/auth"
)

func TestSomebodyTakesPart(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		_, bert := h.resident("bert")

		began := anna.post("/g/welkom/posts", url.Values{"title": {"Meer <bankjes>?"}, "text": {"In het **park**.\r\n\r\n<script>alert(1)</script>"}})
		began.want(h.t, http.StatusSeeOther)
		thread := began.header.Get("Location")
		answered := bert.post(thread+"/replies", url.Values{"text": {"Goed idee."}})
		answered.want(h.t, http.StatusSeeOther)
		anna.post(answered.header.Get("Location")+"/replies", url.Values{"text": {"Dank je!"}}).want(h.t, http.StatusSeeOther)
		bert.post(thread+"/favourite", url.Values{"on": {"1"}}).want(h.t, http.StatusSeeOther)
		bert.post("/g/welkom/follow", url.Values{"on": {"1"}}).want(h.t, http.StatusSeeOther)
		bert.post("/g/welkom/join", url.Values{"on": {"1"}}).want(h.t, http.StatusSeeOther)

		visitor := h.browser()
		visitor.get(thread).want(h.t, http.StatusOK, "Meer &lt;bankjes&gt;?", "<strong>park</strong>", "Goed idee.", "Dank je!", "1 persoon vindt dit goed", "!<script", "!<textarea")
		visitor.get("/g/welkom").want(h.t, http.StatusOK, "Meer &lt;bankjes&gt;?", "<dd>1</dd>", "!Begin een gesprek")
		bert.get("/g/welkom").want(h.t, http.StatusOK, "U bent lid van deze groep", "Niet meer volgen", "Begin een gesprek")
		bert.get(thread).want(h.t, http.StatusOK, `aria-pressed="true"`, "Uw reactie op Anna", "Iedereen kan dit lezen")
		visitor.get("/u/bert").want(h.t, http.StatusOK, "Goed idee.", "reactie")
		visitor.get("/search?q=bankjes").want(h.t, http.StatusOK, "Meer &lt;bankjes&gt;?")
		visitor.get(answered.header.Get("Location")).want(h.t, http.StatusSeeOther)

		bert.post(answered.header.Get("Location")+"/delete", nil).want(h.t, http.StatusSeeOther)
		visitor.get(thread).want(h.t, http.StatusOK, "verwijderd door de schrijver", "Dank je!", "!Goed idee.")
	})
}

// A quote is a card with a way to the whole, or a sentence about why there is none; it never shows more than its reader may see.
func TestQuotesOnPages(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		anna, annasBrowser := h.resident("anna")
		bert, bertsBrowser := h.resident("bert")
		said := h.publish(communities.Draft{Author: anna.ID, Source: "Een **bank** bij de vijver"})
		warned := h.publish(communities.Draft{Author: anna.ID, Source: "verklapt", Warning: "einde van de film"})
		private := h.publish(communities.Draft{Author: anna.ID, Source: "geheimwoord", Visibility: communities.Followers})
		quoting := h.publish(communities.Draft{Author: bert.ID, Source: "Eens!", Quotes: said.ID})
		careful := h.publish(communities.Draft{Author: bert.ID, Source: "Oei", Quotes: warned.ID})
		hidden := h.publish(communities.Draft{Author: anna.ID, Source: "Voor @bert", Quotes: private.ID, Visibility: communities.Direct})
		page := func(p *communities.Post) string { return fmt.Sprintf("/p/%d", p.ID) }

		h.browser().get(page(quoting)).want(h.t, http.StatusOK, "Eens!", "Citaat van", "Een bank bij de vijver", `href="`+page(said)+`">Lees het hele bericht`, "!RE:")
		h.browser().get(page(careful)).want(h.t, http.StatusOK, "Let op: einde van de film", "!verklapt")
		bertsBrowser.get(page(hidden)).want(h.t, http.StatusOK, "U kunt het geciteerde bericht niet lezen", "!geheimwoord")
		annasBrowser.get(page(hidden)).want(h.t, http.StatusOK, "geheimwoord")
		annasBrowser.get("/notifications").want(h.t, http.StatusOK, "citeerde uw bericht")

		err := h.town.Write(h.t.Context(), func(tx communities.Tx) error {
			_, err := h.town.RevokeQuote(h.t.Context(), tx, communities.Revocation{Quoted: said.ID, Quoting: quoting.ID, By: anna.ID})
			if err != nil {
				return err
			}
			return h.town.Delete(h.t.Context(), tx, communities.Deletion{Post: warned.ID, By: anna.ID})
		})
		if err != nil {
			h.t.Fatal(err)
		}
		h.browser().get(page(quoting)).want(h.t, http.StatusOK, "wil niet dat het hier staat", "!vijver")
		h.browser().get(page(careful)).want(h.t, http.StatusOK, "Het geciteerde bericht is verwijderd")
	})
}

func TestMistakesAreExplained(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		anna.post("/g/welkom/posts", url.Values{"title": {strings.Repeat("x", communities.MaxTitle+1)}, "text": {"x"}}).
			want(h.t, http.StatusUnprocessableEntity, "Een titel heeft hoogstens 300 tekens", `maxlength="300"`)
		anna.post("/g/nergens/posts", url.Values{"title": {"x"}, "text": {"x"}}).want(h.t, http.StatusNotFound, "Deze pagina is er niet")
		anna.post("/p/1/replies", url.Values{"text": {"x"}}).want(h.t, http.StatusNotFound)
		anna.post("/g/welkom/posts", url.Values{"text": {strings.Repeat("x", 2<<20)}}).want(h.t, http.StatusUnprocessableEntity)
		h.browser().get("/search?q="+strings.Repeat("x", 201)).want(h.t, http.StatusUnprocessableEntity)
		h.browser().get("/search?q=%ff%00'\"*").want(h.t, http.StatusUnprocessableEntity)
	})
}

// Who is not signed in, or comes from another site's page, changes nothing (CSRF).
func TestOnlyPeopleChangeThings(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		for _, route := range pageRoutes(&web.Pages{}) {
			if route.method != http.MethodPost || route.enter != signedIn {
				continue
			}
			at := strings.NewReplacer("{name}", "welkom", "{id}", "1").Replace(route.path)
			h.browser().post(at, nil).want(h.t, http.StatusUnauthorized, "Log eerst in")
			anna.postFrom(at, nil, "https://kwaad.example").want(h.t, http.StatusForbidden)
		}
		anna.postFrom("/g/welkom/follow", url.Values{"on": {"1"}}, h.Base).want(h.t, http.StatusSeeOther)
	})
}

// SECURITY V1, V2, V7, V12: what is not for everybody is on no page, and looks like what never was.
func TestHiddenPostsAreNowhere(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		anna, annasBrowser := h.resident("anna")
		_, bertsBrowser := h.resident("bert")
		const secret = "geheimwoord"
		hidden := []*communities.Post{
			h.publish(communities.Draft{Author: anna.ID, Source: secret, Visibility: communities.Followers}),
			h.publish(communities.Draft{Author: anna.ID, Source: secret + " @bert", Visibility: communities.Direct}),
		}
		taken := h.publish(communities.Draft{Author: anna.ID, Group: h.welcome().ID, Title: secret, Source: secret})
		err := h.town.Write(h.t.Context(), func(tx communities.Tx) error {
			return h.town.Remove(h.t.Context(), tx, communities.Moderation{Post: taken.ID, By: h.self.ID, Reason: "huisregels"})
		})
		if err != nil {
			h.t.Fatal(err)
		}
		visitor := h.browser()
		for _, at := range []string{"/", "/g/welkom", "/g/welkom?order=active", "/g/welkom/feed.atom", "/u/anna", "/search?q=" + secret, "/tags/" + secret} {
			got := visitor.get(at)
			if strings.Contains(strings.ReplaceAll(got.body, "q="+secret, ""), "<p>"+secret) || strings.Contains(got.body, ">"+secret+"<") {
				h.t.Errorf("%s shows a hidden post", at)
			}
		}
		absent := visitor.get("/p/1000000000000000001")
		for _, post := range append(hidden, taken) {
			got := visitor.get(fmt.Sprintf("/p/%d", post.ID))
			if diff := cmp.Diff(absent.body, got.body); diff != "" || got.status != http.StatusNotFound {
				h.t.Errorf("post %d is told from one that never was: %d\n%s", post.ID, got.status, diff)
			}
		}
		annasBrowser.get(fmt.Sprintf("/p/%d", hidden[0].ID)).want(h.t, http.StatusOK, secret, "alleen voor volgers")
		bertsBrowser.get(fmt.Sprintf("/p/%d", hidden[1].ID)).want(h.t, http.StatusOK, secret)
	})
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		// The link that setup printed lets the administrator in, once; to look at it does not use it up.
		secret := path.Base(strings.TrimSpace(strings.Split(h.said, "\n")[1]))
		admin := h.browser()
		admin.get("/sign-in/link/"+secret).want(h.t, http.StatusOK, "Ja, log mij in", `content="noindex"`)
		in := admin.post("/sign-in/link", url.Values{"secret": {secret}})
		in.want(h.t, http.StatusSeeOther)
		cookie := in.header.Get("Set-Cookie")
		for _, part := range []string{"meent=", "HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(cookie, part) {
				h.t.Errorf("cookie %q lacks %s", cookie, part)
			}
		}
		admin.get("/").want(h.t, http.StatusOK, "Uitloggen")
		h.browser().post("/sign-in/link", url.Values{"secret": {secret}}).want(h.t, http.StatusUnprocessableEntity, "werkt niet (meer)")

		// Signing out ends the session itself, not only the cookie.
		admin.post("/sign-out", nil).want(h.t, http.StatusSeeOther)
		stolen := h.browser()
		request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.Base+"/", nil)
		if err != nil {
			h.t.Fatal(err)
		}
		request.Header.Set("Cookie", strings.Split(cookie, ";")[0])
		stolen.send(request).want(h.t, http.StatusOK, "!Uitloggen")
	})
}

func TestSigningInByPassword(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		anna, _ := h.resident("anna")
		const password = "een lange zin over de meent"
		hash, err := auth.NewPasswords().Hash(h.t.Context(), password)
		if err != nil {
			h.t.Fatal(err)
		}
		if err := h.setPassword(h.t.Context(), anna, hash); err != nil {
			h.t.Fatal(err)
		}
		try := func(b *browser, email, password, next string) page {
			return b.post("/sign-in", url.Values{"email": {email}, "password": {password}, "return_to": {next}})
		}
		wrong, unknown := try(h.browser(), "anna@example.org", "x", ""), try(h.browser(), "niemand@example.org", "x", "")
		wrong.want(h.t, http.StatusUnprocessableEntity, "horen niet bij elkaar")
		if diff := cmp.Diff(wrong.body, unknown.body); diff != "" {
			h.t.Errorf("the page tells whether an address is known:\n%s", diff)
		}
		for next, want := range map[string]string{
			"/g/welkom": "/g/welkom", "//kwaad.example": "/", "https://kwaad.example": "/", "/\\kwaad.example": "/",
		} {
			if got := try(h.browser(), "Anna@example.org", password, next); got.header.Get("Location") != want {
				h.t.Errorf("return to %q leads to %q", next, got.header.Get("Location"))
			}
		}
		// SECURITY D23: whoever guesses is stopped.
		for range signInAttempts {
			wrong = try(h.browser(), "anna@example.org", "x", "")
		}
		wrong.want(h.t, http.StatusTooManyRequests, "Even wachten")
		if wrong.header.Get("Retry-After") == "" {
			h.t.Error("nobody is told when to try again")
		}
	})
}

// SECURITY V10: a closed account is a stranger from that moment.
func TestClosedAccountsAreStrangers(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		anna, browser := h.resident("anna")
		browser.get("/").want(h.t, http.StatusOK, "Uitloggen")
		err := h.town.Write(h.t.Context(), func(tx communities.Tx) error {
			return h.town.Disable(h.t.Context(), tx, communities.Standing{Actor: anna.ID, By: h.self.ID})
		})
		if err != nil {
			h.t.Fatal(err)
		}
		browser.get("/").want(h.t, http.StatusOK, "!Uitloggen")
	})
}

func TestPagesAreSafeToShow(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		for _, at := range []string{"/", "/g/welkom", "/nergens", "/sign-in", "/healthz"} {
			header := h.browser().get(at).header
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Content-Security-Policy": contentPolicy(""),
			} {
				if got := header.Get(name); got != want && !(at == "/sign-in" && name == "Referrer-Policy" && got == "no-referrer") {
					h.t.Errorf("%s: %s is %q", at, name, got)
				}
			}
		}
		// SECURITY V18: a page and a document share a URL, and no cache may mistake them.
		vary := strings.Join(h.browser().get("/g/welkom").header.Values("Vary"), ", ")
		for _, part := range []string{"Accept", "Cookie", "Signature", "Authorization", "Accept-Language"} {
			if !strings.Contains(vary+",", part+",") {
				h.t.Errorf("Vary is %q, without %s", vary, part)
			}
		}
		_, anna := h.resident("anna")
		if got := anna.get("/").header.Get("Cache-Control"); got != "private, no-store" {
			h.t.Errorf("a page for one person may be cached: %q", got)
		}
	})
}
