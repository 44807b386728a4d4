package entity

// Notification tells somebody of something (entities/Notification).
type Notification struct {
	ID        ID      `json:"id"`
	Type      string  `json:"type"`
	GroupKey  string  `json:"group_key"`
	CreatedAt Time    `json:"created_at"`
	Account   Account `json:"account"`
	Status    *Status `json:"status,omitempty"`
	Report    *Report `json:"report,omitempty"`

	ModerationWarning *AccountWarning       `json:"moderation_warning,omitempty"`
	Collection        *Collection           `json:"collection,omitempty"`
	Fallback          *NotificationFallback `json:"fallback,omitempty"`
}

// NotificationFallback is what an app shows of a notification of a type that it does not know: HTML (entities/NotificationFallback).
type NotificationFallback struct {
	Title   string  `json:"title"`
	Summary *string `json:"summary"`
	Details *string `json:"details"`
}

// AccountWarning is what moderators did about somebody (entities/AccountWarning).
type AccountWarning struct {
	ID            ID      `json:"id"`
	Action        string  `json:"action"`
	Text          string  `json:"text"`
	StatusIDs     []ID    `json:"status_ids"`
	TargetAccount Account `json:"target_account"`
	Appeal        *Empty  `json:"appeal"` // always null: there is a desk to turn to, not a form
	CreatedAt     Time    `json:"created_at"`
}

// GroupedNotifications is a page of notifications, like ones together (entities/GroupedNotificationsResults).
type GroupedNotifications struct {
	Accounts           []Account           `json:"accounts"`
	PartialAccounts    *[]PartialAccount   `json:"partial_accounts,omitempty"`
	Statuses           []Status            `json:"statuses"`
	NotificationGroups []NotificationGroup `json:"notification_groups"`
}

// PartialAccount is enough of an account to draw its picture.
type PartialAccount struct {
	ID           ID     `json:"id"`
	Acct         string `json:"acct"`
	URL          string `json:"url"`
	Avatar       string `json:"avatar"`
	AvatarStatic string `json:"avatar_static"`
	Locked       bool   `json:"locked"`
	Bot          bool   `json:"bot"`
}

// NotificationGroup is several notifications of one kind about one post. The most recent id is a number, the only one of the API: strict
// decoders stop at a string.
type NotificationGroup struct {
	GroupKey                 string  `json:"group_key"`
	NotificationsCount       int     `json:"notifications_count"`
	Type                     string  `json:"type"`
	MostRecentNotificationID int64   `json:"most_recent_notification_id"`
	PageMinID                *ID     `json:"page_min_id,omitempty"`
	PageMaxID                *ID     `json:"page_max_id,omitempty"`
	LatestPageNotificationAt *Time   `json:"latest_page_notification_at,omitempty"`
	SampleAccountIDs         []ID    `json:"sample_account_ids"`
	StatusID                 *ID     `json:"status_id,omitempty"`
	Report                   *Report `json:"report,omitempty"`

	ModerationWarning *AccountWarning       `json:"moderation_warning,omitempty"`
	Collection        *Collection           `json:"collection,omitempty"`
	Fallback          *NotificationFallback `json:"fallback,omitempty"`
}

// NotificationPolicy is whose notifications are set aside (entities/NotificationPolicy).
type NotificationPolicy struct {
	ForNotFollowing    string        `json:"for_not_following"`
	ForNotFollowers    string        `json:"for_not_followers"`
	ForNewAccounts     string        `json:"for_new_accounts"`
	ForPrivateMentions string        `json:"for_private_mentions"`
	ForLimitedAccounts string        `json:"for_limited_accounts"`
	Summary            PolicySummary `json:"summary"`
}

// PolicySummary counts what was set aside.
type PolicySummary struct {
	PendingRequestsCount      int `json:"pending_requests_count"`
	PendingNotificationsCount int `json:"pending_notifications_count"`
}

// V1NotificationPolicy is the same as it was in a version that apps still ask for (entities/V1_NotificationPolicy).
type V1NotificationPolicy struct {
	NotFollowing    bool          `json:"filter_not_following"`
	NotFollowers    bool          `json:"filter_not_followers"`
	NewAccounts     bool          `json:"filter_new_accounts"`
	PrivateMentions bool          `json:"filter_private_mentions"`
	Summary         PolicySummary `json:"summary"`
}

// NotificationRequest is what was set aside of one sender, whose id it has (entities/NotificationRequest). The count is a text, as Mastodon
// has it.
type NotificationRequest struct {
	ID                 ID      `json:"id"`
	CreatedAt          Time    `json:"created_at"`
	UpdatedAt          Time    `json:"updated_at"`
	NotificationsCount string  `json:"notifications_count"`
	Account            Account `json:"account"`
	LastStatus         *Status `json:"last_status,omitempty"`
}

// Merged tells whether what was set aside and then let in is in its place.
type Merged struct {
	Merged bool `json:"merged"`
}

// Count is an answer with a number.
type Count struct {
	Count int `json:"count"`
}

// Report is a complaint (entities/Report).
type Report struct {
	ID            ID       `json:"id"`
	ActionTaken   bool     `json:"action_taken"`
	ActionTakenAt *Time    `json:"action_taken_at"`
	Category      string   `json:"category"`
	Comment       string   `json:"comment"`
	Forwarded     bool     `json:"forwarded"`
	CreatedAt     Time     `json:"created_at"`
	StatusIDs     []ID     `json:"status_ids"`
	CollectionIDs []ID     `json:"collection_ids"`
	RuleIDs       []string `json:"rule_ids"`
	TargetAccount Account  `json:"target_account"`
}
