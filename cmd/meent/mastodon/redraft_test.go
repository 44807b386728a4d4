package mastodon

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// redraft is what an app gets of a deleted status to write it anew.
type redraft struct {
	ID, Text string
	Poll     *struct {
		Multiple bool
		Options  []struct{ Title string }
	}
	MediaAttachments []struct{ ID string } `json:"media_attachments"`
}

// A status that is deleted comes back as it was typed, and makes the same status again: with its title, in its group, with its poll.
func TestDeleteAndRedraft(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		for _, text := range []string{"@fietsen Een titel\n\nen een tekst", "@fietsen **Twee**\n\nkort", "@fietsen 2**3 is acht\n\nzegt men", "zonder groep"} {
			var was, is struct{ ID, Content string }
			poll := url.Values{"poll[options][]": {"ja", "nee"}, "poll[expires_in]": {"3600"}, "poll[multiple]": {"true"}}
			poll.Set("status", text)
			anna.post("/api/v1/statuses", poll).ok(&was)
			var deleted redraft
			anna.call(http.MethodDelete, "/api/v1/statuses/"+was.ID+"?delete_media=true", nil).ok(&deleted)
			if deleted.ID != was.ID || deleted.Poll == nil || !deleted.Poll.Multiple || len(deleted.Poll.Options) != 2 || deleted.MediaAttachments == nil {
				t.Errorf("deleted %+v", deleted)
			}
			poll.Set("status", deleted.Text)
			if strings.HasPrefix(text, "@fietsen") {
				poll.Set("status", "@fietsen "+deleted.Text)
			}
			anna.post("/api/v1/statuses", poll).ok(&is)
			if is.Content != was.Content {
				t.Errorf("%q: was %q, is %q", deleted.Text, was.Content, is.Content)
			}
			var source struct{ Text string }
			anna.get("/api/v1/statuses/" + is.ID + "/source").ok(&source)
			anna.call(http.MethodPut, "/api/v1/statuses/"+is.ID, url.Values{"status": {source.Text}}).ok(&is)
			if is.Content != was.Content {
				t.Errorf("edited without a change: was %q, is %q", was.Content, is.Content)
			}
		}
	})
}

// A poll that is edited begins anew, and history shows what it asked (Mastodon API, statuses/:id PUT and history).
func TestEditAPoll(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		path := "/api/v1/statuses/" + id(w.poll.ID)
		bert.post("/api/v1/polls/"+id(w.poll.ID)+"/votes", url.Values{"choices[]": {"1"}}).ok(nil)
		var status struct {
			Poll struct {
				VotesCount int `json:"votes_count"`
				Options    []struct{ Title string }
			}
		}
		anna.call(http.MethodPut, path, url.Values{"status": {"**Welke dag?**\n\nKies"}}).ok(&status)
		if status.Poll.VotesCount != 1 {
			t.Errorf("an edit of the text left %+v", status.Poll)
		}
		anna.call(http.MethodPut, path, url.Values{
			"status": {"**Welke dag?**\n\nKies weer"}, "poll[options][]": {"woensdag", "donderdag", "vrijdag"}, "poll[expires_in]": {"7200"},
		}).ok(&status)
		if status.Poll.VotesCount != 0 || len(status.Poll.Options) != 3 {
			t.Errorf("the poll became %+v", status.Poll)
		}
		var history []struct {
			Poll struct{ Options []struct{ Title string } }
		}
		bert.get(path + "/history").ok(&history)
		if len(history) != 3 || history[0].Poll.Options[0].Title != "maandag" || history[2].Poll.Options[2].Title != "vrijdag" {
			t.Errorf("history %+v", history)
		}
	})
}
