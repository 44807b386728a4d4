package entity

// Conversation is a thread of direct statuses (entities/Conversation).
type Conversation struct {
	ID         ID        `json:"id"`
	Unread     bool      `json:"unread"`
	Accounts   []Account `json:"accounts"`
	LastStatus *Status   `json:"last_status"`
}
