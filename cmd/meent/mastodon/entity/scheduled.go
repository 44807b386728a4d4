package entity

// ScheduledStatus is a status that is to be published later (entities/ScheduledStatus).
type ScheduledStatus struct {
	ID               ID              `json:"id"`
	ScheduledAt      Time            `json:"scheduled_at"`
	Params           ScheduledParams `json:"params"`
	MediaAttachments []Attachment    `json:"media_attachments"`
}

// ScheduledParams are what an app asked for, null where it did not say. Ids in it are numbers, as documented.
type ScheduledParams struct {
	Text                string         `json:"text"`
	Poll                *ScheduledPoll `json:"poll"`
	MediaIDs            []string       `json:"media_ids"`
	Sensitive           *bool          `json:"sensitive"`
	SpoilerText         *string        `json:"spoiler_text"`
	Visibility          *string        `json:"visibility"`
	InReplyToID         *int64         `json:"in_reply_to_id"`
	Language            *string        `json:"language"`
	ApplicationID       int64          `json:"application_id"`
	ScheduledAt         *string        `json:"scheduled_at"` // always null: it is scheduled once
	Idempotency         *string        `json:"idempotency"`
	WithRateLimit       bool           `json:"with_rate_limit"`
	QuotedStatusID      *string        `json:"quoted_status_id"`
	QuoteApprovalPolicy *string        `json:"quote_approval_policy"`
}

// ScheduledPoll is the question part of [ScheduledParams].
type ScheduledPoll struct {
	Options    []string `json:"options"`
	ExpiresIn  int      `json:"expires_in"` // seconds
	Multiple   bool     `json:"multiple"`
	HideTotals bool     `json:"hide_totals"`
}
