package communities

import (
	"context"
	"fmt"
	"time"
)

// AuditKind is what a decision is about.
type AuditKind string

const (
	AuditActor        AuditKind = "actor"
	AuditHost         AuditKind = "host"
	AuditReport       AuditKind = "report"
	AuditPost         AuditKind = "post"
	AuditAnnouncement AuditKind = "announcement"
	AuditInvite       AuditKind = "invite"
	AuditEmoji        AuditKind = "emoji"
	AuditText         AuditKind = "text"
)

// Audit is one decision of somebody who looks after the node: who, what, about whom or what, why and when. It is written in the transaction
// of the decision, and never changed.
type Audit struct {
	ID     AuditID
	By     ActorID
	Action Action
	Kind   AuditKind
	Target int64  // its id; 0 where it has none
	Name   string // what it was called then
	Reason string
	At     time.Time
}

// audit writes a decision down.
func (t *Town) audit(ctx context.Context, tx Tx, by *Actor, a Audit) error {
	a.ID, a.By, a.At = AuditID(t.ids.Next()), by.ID, t.now()
	if err := tx.PutAudit(ctx, &a); err != nil {
		return fmt.Errorf("write down that %s did %q: %w", by.Name, a.Action, err)
	}
	return nil
}

// auditActor writes down a decision about somebody.
func (t *Town) auditActor(ctx context.Context, tx Tx, by *Actor, a Action, other *Actor, reason string) error {
	return t.audit(ctx, tx, by, Audit{Action: a, Kind: AuditActor, Target: int64(other.ID), Name: other.Handle(t.Host()), Reason: line(reason)})
}
