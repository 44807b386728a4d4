package communities

// MailKind is what a mail of the node is about.
type MailKind string

const (
	MailConfirm  MailKind = "confirm"  // a link by which the address is shown to be theirs
	MailApproved MailKind = "approved" // they can come in
	MailSignIn   MailKind = "sign-in"  // a link to sign in with
)

// Mail is the task to write to a person of this node. It holds no secret: links are made when it is written.
type Mail struct {
	To    ActorID  `json:"to,string"` // a number of this length does not pass every JSON reader whole
	About MailKind `json:"about"`
}

// Kind implements [Task].
func (Mail) Kind() string { return "mail" }
