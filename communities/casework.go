package communities

import (
	"context"
	"fmt"
	"time"
)

// Resolution is what a moderator does with a report.
type Resolution struct {
	Report ReportID
	By     ActorID
}

// ResolveReport notes that a moderator has dealt with a report. To whom it is no business it is [NotFound].
func (t *Town) ResolveReport(ctx context.Context, tx Tx, r Resolution) error {
	return t.workOn(ctx, tx, r, ResolveReport, func(report *Report) bool {
		if !report.ResolvedAt.IsZero() {
			return false
		}
		report.ResolvedAt, report.ResolvedBy = t.now(), r.By
		return true
	})
}

// ReopenReport has it wait for a decision again.
func (t *Town) ReopenReport(ctx context.Context, tx Tx, r Resolution) error {
	return t.workOn(ctx, tx, r, "reopen report", func(report *Report) bool {
		open := report.ResolvedAt.IsZero()
		report.ResolvedAt, report.ResolvedBy = time.Time{}, 0
		return !open
	})
}

// TakeReport tells the other moderators that this one is on it.
func (t *Town) TakeReport(ctx context.Context, tx Tx, r Resolution) error {
	return t.workOn(ctx, tx, r, "take report", func(report *Report) bool {
		taken := report.AssignedTo == r.By
		report.AssignedTo = r.By
		return !taken
	})
}

// LeaveReport gives it back to all.
func (t *Town) LeaveReport(ctx context.Context, tx Tx, r Resolution) error {
	return t.workOn(ctx, tx, r, "leave report", func(report *Report) bool {
		taken := report.AssignedTo != 0
		report.AssignedTo = 0
		return taken
	})
}

// Classify says anew what a report is about.
func (t *Town) Classify(ctx context.Context, tx Tx, r Resolution, category string, rules []RuleID) error {
	if err := t.checkRules(ctx, tx, rules); err != nil {
		return err
	}
	return t.workOn(ctx, tx, r, "classify report", func(report *Report) bool {
		report.Category, report.Rules = categoryOf(category, rules), rules
		return true
	})
}

// workOn changes a report, keeps it where change says so, and writes that down.
func (t *Town) workOn(ctx context.Context, tx Tx, r Resolution, a Action, change func(*Report) bool) error {
	report, err := tx.Report(ctx, r.Report)
	if err != nil {
		return err
	}
	c, err := t.May(ctx, tx, ResolveReport, r.By, On{Group: report.Group})
	if err != nil {
		if KindOf(err) == KindForbidden {
			return NotFound
		}
		return err
	}
	if !change(report) {
		return nil
	}
	if err := tx.UpdateReport(ctx, report); err != nil {
		return fmt.Errorf("%s %d: %w", a, r.Report, err)
	}
	return t.audit(ctx, tx, c.Actor, Audit{Action: a, Kind: AuditReport, Target: int64(report.ID)})
}
