package mastodon

import (
	"context"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// adminReportRoutes are how moderators work on reports (methods/admin/reports).
var adminReportRoutes = []row{
	{"GET", "/api/v1/admin/reports", Staff, "admin:read:reports", (*API).adminReports, 0},
	{"GET", "/api/v1/admin/reports/{id}", Staff, "admin:read:reports", (*API).adminReport, 0},
	{"PUT", "/api/v1/admin/reports/{id}", Staff, "admin:write:reports", (*API).adminClassify, 0},
	{"POST", "/api/v1/admin/reports/{id}/assign_to_self", Staff, "admin:write:reports", (*API).adminTake, 0},
	{"POST", "/api/v1/admin/reports/{id}/unassign", Staff, "admin:write:reports", (*API).adminLeave, 0},
	{"POST", "/api/v1/admin/reports/{id}/resolve", Staff, "admin:write:reports", (*API).adminResolve, 0},
	{"POST", "/api/v1/admin/reports/{id}/reopen", Staff, "admin:write:reports", (*API).adminReopen, 0},
}

func (a *API) adminReports(c *call) (any, error) {
	which := storage.ReportFilter{Resolved: c.form.flag("resolved")}
	which.Reporter, _ = parseID[communities.ActorID](c.form.text("account_id"))
	which.Target, _ = parseID[communities.ActorID](c.form.text("target_account_id"))
	at := c.page(adminLength)
	reports, err := a.reader(c).Reports(c.Context(), which, at)
	if err != nil {
		return nil, err
	}
	cursors := make([]int64, len(reports))
	for i, report := range reports {
		cursors[i] = int64(report.ID)
	}
	a.link(c, at, cursors)
	return a.adminDrawReports(c, reports)
}

func (a *API) adminReport(c *call) (any, error) {
	id, err := pathID[communities.ReportID](c, "id")
	if err != nil {
		return nil, err
	}
	return a.adminShowReport(c, id)
}

func (a *API) adminShowReport(c *call, id communities.ReportID) (any, error) {
	report, err := a.reader(c).Report(c.Context(), id)
	if err != nil {
		return nil, err
	}
	list, err := a.adminDrawReports(c, []*storage.OpenReport{report})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (a *API) adminDrawReports(c *call, reports []*storage.OpenReport) ([]entity.AdminReport, error) {
	rules, err := a.rules(c, true)
	if err != nil {
		return nil, err
	}
	accounts, err := a.archive.AccountsOf(c.Context(), partiesOf(reports))
	if err != nil {
		return nil, err
	}
	draw := func(actor *communities.Actor) *entity.AdminAccount {
		if actor == nil {
			return nil
		}
		drawn := a.adminDraw(c, storage.Resident{Actor: actor, Account: accounts[actor.ID]})
		return &drawn
	}
	list := make([]entity.AdminReport, len(reports))
	for i, r := range reports {
		statuses, err := a.statuses(c, r.Posts, anywhere)
		if err != nil {
			return nil, err
		}
		list[i] = entity.AdminReport{
			ID: entity.ID(r.ID), ActionTaken: !r.ResolvedAt.IsZero(), ActionTakenAt: entity.OptionalTime(r.ResolvedAt),
			Category: r.Category, Comment: r.Comment, Forwarded: r.Forward, CreatedAt: entity.Time(r.CreatedAt),
			UpdatedAt: entity.Time(later(r.CreatedAt, r.ResolvedAt)), Account: *draw(r.Reporter), TargetAccount: *draw(r.Target),
			AssignedAccount: draw(r.AssignedTo), ActionTakenByAccount: draw(r.ResolvedBy), Statuses: statuses, Rules: []entity.Rule{},
		}
		for _, rule := range rules {
			for _, id := range r.Rules {
				if entity.ID(id).String() == rule.ID {
					list[i].Rules = append(list[i].Rules, rule)
				}
			}
		}
	}
	return list, nil
}

func partiesOf(reports []*storage.OpenReport) []communities.ActorID {
	var ids []communities.ActorID
	for _, r := range reports {
		ids = append(ids, r.Reporter.ID, r.Target.ID, r.Report.AssignedTo, r.Report.ResolvedBy)
	}
	return ids
}

// later returns the later of two moments.
func later(x, y time.Time) time.Time {
	if y.After(x) {
		return y
	}
	return x
}

// casework is what a moderator does with a report.
type casework func(ctx context.Context, tx communities.Tx, r communities.Resolution) error

func (a *API) adminWork(c *call, do casework) (any, error) {
	id, err := pathID[communities.ReportID](c, "id")
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		return do(c.Context(), tx, communities.Resolution{Report: id, By: c.id()})
	})
	if err != nil {
		return nil, err
	}
	return a.adminShowReport(c, id)
}

func (a *API) adminTake(c *call) (any, error)    { return a.adminWork(c, a.town.TakeReport) }
func (a *API) adminLeave(c *call) (any, error)   { return a.adminWork(c, a.town.LeaveReport) }
func (a *API) adminResolve(c *call) (any, error) { return a.adminWork(c, a.town.ResolveReport) }
func (a *API) adminReopen(c *call) (any, error)  { return a.adminWork(c, a.town.ReopenReport) }

func (a *API) adminClassify(c *call) (any, error) {
	return a.adminWork(c, func(ctx context.Context, tx communities.Tx, r communities.Resolution) error {
		report, err := tx.Report(ctx, r.Report)
		if err != nil {
			return err
		}
		category, rules := report.Category, report.Rules
		if c.form.has("category") {
			category, rules = c.form.text("category"), nil
		}
		if c.form.has("rule_ids") {
			rules = parseIDs[communities.RuleID](c.form.list("rule_ids"))
		}
		return a.town.Classify(ctx, tx, r, category, rules)
	})
}
