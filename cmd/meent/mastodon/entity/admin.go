package entity

// AdminAccount is an account as those who look after the node see it (entities/Admin_Account). This node keeps no addresses of machines, so IP is
// null and IPs is empty.
type AdminAccount struct {
	ID                     ID              `json:"id"`
	Username               string          `json:"username"`
	Domain                 *string         `json:"domain"`
	CreatedAt              Time            `json:"created_at"`
	Email                  *string         `json:"email"` // null: lives elsewhere
	IP                     *string         `json:"ip"`
	IPs                    []Empty         `json:"ips"`
	Role                   *CredentialRole `json:"role"` // null: lives elsewhere
	Confirmed              bool            `json:"confirmed"`
	Suspended              bool            `json:"suspended"`
	Silenced               bool            `json:"silenced"`
	Sensitized             bool            `json:"sensitized"`
	Disabled               bool            `json:"disabled"`
	Approved               bool            `json:"approved"`
	Locale                 *string         `json:"locale"`
	InviteRequest          *string         `json:"invite_request"`
	Account                Account         `json:"account"`
	CreatedByApplicationID *ID             `json:"created_by_application_id,omitempty"`
	InvitedByAccountID     *ID             `json:"invited_by_account_id,omitempty"`
}

// AdminReport is a report as moderators see it (entities/Admin_Report).
type AdminReport struct {
	ID                   ID            `json:"id"`
	ActionTaken          bool          `json:"action_taken"`
	ActionTakenAt        *Time         `json:"action_taken_at"`
	Category             string        `json:"category"`
	Comment              string        `json:"comment"`
	Forwarded            bool          `json:"forwarded"`
	CreatedAt            Time          `json:"created_at"`
	UpdatedAt            Time          `json:"updated_at"`
	Account              AdminAccount  `json:"account"`
	TargetAccount        AdminAccount  `json:"target_account"`
	AssignedAccount      *AdminAccount `json:"assigned_account"`
	ActionTakenByAccount *AdminAccount `json:"action_taken_by_account"`
	Statuses             []Status      `json:"statuses"`
	Rules                []Rule        `json:"rules"`
}

// AdminDomainBlock is a decision against a host (entities/Admin_DomainBlock).
type AdminDomainBlock struct {
	ID             ID      `json:"id"`
	Domain         string  `json:"domain"`
	Digest         string  `json:"digest"`
	CreatedAt      Time    `json:"created_at"`
	Severity       string  `json:"severity"`
	RejectMedia    bool    `json:"reject_media"`
	RejectReports  bool    `json:"reject_reports"`
	PrivateComment *string `json:"private_comment"`
	PublicComment  *string `json:"public_comment"`
	Obfuscate      bool    `json:"obfuscate"`
}

// AdminDomainAllow is a decision for a host (entities/Admin_DomainAllow).
type AdminDomainAllow struct {
	ID        ID     `json:"id"`
	Domain    string `json:"domain"`
	CreatedAt Time   `json:"created_at"`
}

// DomainBlock is a decision against a host, for anybody to read (entities/DomainBlock).
type DomainBlock struct {
	Domain   string `json:"domain"`
	Digest   string `json:"digest"` // SHA-256 of the domain, hexadecimal
	Severity string `json:"severity"`
	Comment  string `json:"comment"`
}
