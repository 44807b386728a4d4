//go:build unix

package clients

import (
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"
)

// A moderator works on a report and decides about a person, with an app that others wrote; a resident cannot, with the same token.
func TestModeratorWithAnApp(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example", "--role", "moderator")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		anna, bert := w.appWith("anna", scopes+" admin:read admin:write"), w.appWith("bert", scopes+" admin:read admin:write")
		toot := got[*mastodon.Status](t)(bert.PostStatus(w.ctx, &mastodon.Toot{Status: "Koop nu!"}))
		got[*mastodon.Report](t)(anna.Report(w.ctx, toot.Account.ID, []mastodon.ID{toot.ID}, "reclame"))
		reports := got[[]*mastodon.AdminReport](t)(anna.GetAdminReports(w.ctx, nil))
		if len(reports) != 1 || len(reports[0].Statuses) != 1 || reports[0].TargetAccount.Username != "bert" {
			t.Fatalf("%+v", reports)
		}
		if taken := got[*mastodon.AdminReport](t)(anna.AdminReportAssignToSelf(w.ctx, reports[0].ID)); taken.AssignedAccount.Username != "anna" {
			t.Errorf("%+v", taken)
		}
		w.must(anna.AdminAccountPerformAction(w.ctx, toot.Account.ID, &mastodon.AdminAccountAction{Type: "suspend", Text: "reclame"}))
		if _, err := bert.GetAccountCurrentUser(w.ctx); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("suspended, and at work: %v", err)
		}
		if done := got[*mastodon.AdminReport](t)(anna.GetAdminReport(w.ctx, reports[0].ID)); !done.ActionTaken {
			t.Errorf("%+v", done)
		}
		if person := got[*mastodon.AdminAccount](t)(anna.AdminAccountUnsuspend(w.ctx, toot.Account.ID)); person.Suspended {
			t.Errorf("%+v", person)
		}
		if people := got[[]*mastodon.AdminAccount](t)(anna.GetAdminAccounts(w.ctx, nil)); len(people) < 3 {
			t.Errorf("%d people", len(people))
		}
		if _, err := bert.GetAdminAccounts(w.ctx, nil); err == nil || !strings.Contains(err.Error(), "403") {
			t.Errorf("a resident looks after the node: %v", err)
		}
		if weeks := got[[]*mastodon.WeeklyActivity](t)(anna.GetInstanceActivity(w.ctx)); len(weeks) != 12 {
			t.Errorf("%d weeks", len(weeks))
		}
		if out := w.run("audit"); !strings.Contains(out, "suspend") || !strings.Contains(out, "anna") {
			t.Errorf("the record of decisions: %s", out)
		}
	})
}
