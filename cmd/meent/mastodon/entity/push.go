package entity

// WebPushSubscription is where an app wants to be called, and what for (entities/WebPushSubscription). Its id is a number, as strict decoders
// stop at a string here.
type WebPushSubscription struct {
	ID        int64           `json:"id"`
	Endpoint  string          `json:"endpoint"`
	Standard  bool            `json:"standard"`
	Alerts    map[string]bool `json:"alerts"`
	Policy    string          `json:"policy"`
	ServerKey string          `json:"server_key"`
}

// PushMessage is what the app reads when it is called. The id is a number here, as Mastodon has it.
type PushMessage struct {
	AccessToken      string `json:"access_token"`
	PreferredLocale  string `json:"preferred_locale"`
	NotificationID   int64  `json:"notification_id"`
	NotificationType string `json:"notification_type"`
	Icon             string `json:"icon"`
	Title            string `json:"title"`
	Body             string `json:"body"`
}
