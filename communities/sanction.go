package communities

import (
	"context"
	"fmt"
	"time"
)

// Suspend hides somebody, and all that they wrote, from everybody here, and takes nothing more from them: whoever lives elsewhere is not heard,
// whoever lives here can neither sign in nor act. Nothing is deleted. See [Town.Unsuspend].
func (t *Town) Suspend(ctx context.Context, tx Tx, s Standing) error {
	return t.sanction(ctx, tx, Suspend, s, t.now())
}

// Unsuspend lets somebody be seen and heard again.
func (t *Town) Unsuspend(ctx context.Context, tx Tx, s Standing) error {
	return t.sanction(ctx, tx, Suspend, s, time.Time{})
}

// Limit shows somebody to their followers only: not on lists for everybody, and notifications from them reach none but who follows them.
// See [Town.Unlimit].
func (t *Town) Limit(ctx context.Context, tx Tx, s Standing) error {
	return t.sanction(ctx, tx, LimitThem, s, t.now())
}

// Unlimit shows somebody to everybody again.
func (t *Town) Unlimit(ctx context.Context, tx Tx, s Standing) error {
	return t.sanction(ctx, tx, LimitThem, s, time.Time{})
}

// MarkSensitive hides somebody's pictures until they are asked for. See [Town.UnmarkSensitive].
func (t *Town) MarkSensitive(ctx context.Context, tx Tx, s Standing) error {
	return t.sanction(ctx, tx, MarkSensitive, s, t.now())
}

// UnmarkSensitive shows somebody's pictures at once again.
func (t *Town) UnmarkSensitive(ctx context.Context, tx Tx, s Standing) error {
	return t.sanction(ctx, tx, MarkSensitive, s, time.Time{})
}

// sanctions tells which moment of an actor each of them sets.
var sanctions = map[Action]func(*Actor) *time.Time{
	Suspend:       func(a *Actor) *time.Time { return &a.SuspendedAt },
	LimitThem:     func(a *Actor) *time.Time { return &a.LimitedAt },
	MarkSensitive: func(a *Actor) *time.Time { return &a.SensitiveAt },
}

// sanction sets or ends one. What holds already is left as it is.
func (t *Town) sanction(ctx context.Context, tx Tx, a Action, s Standing, at time.Time) error {
	c, err := t.May(ctx, tx, a, s.By, On{Other: s.Actor})
	if err != nil {
		return err
	}
	if err := settled(ctx, tx, a, c.Other); err != nil {
		return err
	}
	moment := sanctions[a](c.Other)
	if moment.IsZero() == at.IsZero() {
		return nil
	}
	*moment = at
	if err := tx.UpdateActor(ctx, c.Other); err != nil {
		return fmt.Errorf("%s %s: %w", a, c.Other.Name, err)
	}
	done := a
	if at.IsZero() {
		done = "un" + a
	}
	if err := t.auditActor(ctx, tx, c.Actor, done, c.Other, s.Reason); err != nil || a != Suspend {
		return err
	}
	return t.tell(ctx, tx, ActorChanged{Actor: c.Other, Cause: s.Cause}) // other towns hide whom their own has suspended
}

// settled refuses to suspend, or to show, somebody who waits to be let in: they are hidden until they are approved or rejected.
func settled(ctx context.Context, tx Tx, a Action, other *Actor) error {
	if a != Suspend || !other.Local() {
		return nil
	}
	account, err := absent(tx.Account(ctx, other.ID))
	if err == nil && account != nil && account.Pending() {
		return Forbiddenf("%s waits to be let in", other.Title())
	}
	return err
}
