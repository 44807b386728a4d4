package communities

import "time"

// Action is something that an actor may want to do.
type Action string

// What is done to posts.
const (
	StartThread Action = "start a thread"
	Reply       Action = "reply"
	Edit        Action = "edit"
	DeleteOwn   Action = "delete"
	BoostIt     Action = "boost"
	React       Action = "react"
	QuoteIt     Action = "quote"
	RevokeQuote Action = "revoke a quote"
	CastVote    Action = "vote"
	Remove      Action = "remove"
	Lock        Action = "lock"
	Pin         Action = "pin"
	PinOwn      Action = "pin_own" // on one's own profile
)

// What is done to people and groups.
const (
	FollowThem   Action = "follow"
	AnswerFollow Action = "answer a follow"
	MentionThem  Action = "mention"
	BlockThem    Action = "block"
	BlockHost    Action = "block a host"
	Collect      Action = "collect"
	FeatureThem  Action = "feature"
	TakeBack     Action = "take back" // a reaction, a follow, a block of one's own
	ReportThem   Action = "report"
	Join         Action = "join"
	Leave        Action = "leave"
	Approve      Action = "approve"
	SetRole      Action = "set role"
	BanFrom      Action = "ban from group"
	EditGroup    Action = "edit group"
	DeleteGroup  Action = "delete group"
)

// What is done on the node.
const (
	CreateGroup   Action = "create group"
	CreatePerson  Action = "create person"
	EditProfile   Action = "edit profile"
	GiveMedia     Action = "give a file"
	DeleteProfile Action = "delete profile"
	DisablePerson Action = "disable"
	SetNodeRole   Action = "set node role"
	Suspend       Action = "suspend"
	LimitThem     Action = "limit"
	MarkSensitive Action = "mark as sensitive"
	DecideHost    Action = "decide about a host"
	BanFromNode   Action = "ban from node"
	ResolveReport Action = "resolve report"
	ApprovePerson Action = "approve person"
	Invite        Action = "invite"
	Announce      Action = "announce"
	KeepEmoji     Action = "keep emoji"
	WriteTexts    Action = "write the node's texts"
	AnswerNotice  Action = "react to an announcement"
)

// Case is what one must know to judge: plain facts, loaded by [Town.facts]. What an action does not look at may be empty.
type Case struct {
	Now      time.Time
	Actor    *Actor   // who acts
	NodeRole NodeRole // of Actor; "" for all who have no account here. The node's own actor is an admin
	NodeBan  *Ban     // of Actor, from the node
	Account  *Account // of Actor; nil for all who have none here

	Group      *Actor      // where it happens; nil: in no group
	Membership *Membership // of Actor in Group
	GroupBan   *Ban        // of Actor, from Group

	Post   *Post // what is acted on or answered
	Thread *Post // the first post of its thread
	Sees   bool  // Actor may see Post, see [MaySee]

	Other         *Actor // the person or group acted on; of a post, its author
	OtherRole     Role   // of Other in Group
	OtherNodeRole NodeRole
	LastOwner     bool // Other is the only owner of Group
	LastAdmin     bool // Other is the only admin of the node
	Blocked       bool // Actor and Other: one has blocked the other
	Follows       bool // Actor follows Other
	Followed      bool // Other follows Actor

	NewRole Role // that Other shall have in Group
}

// May tells whether the action is allowed: nil, or an [Error] that tells the actor why not. It is the only place where that is decided.
func May(a Action, c Case) error {
	list, ok := rules[a]
	if !ok {
		return Forbiddenf("nobody may do this")
	}
	for _, rule := range list {
		if err := rule(&c); err != nil {
			return err
		}
	}
	return nil
}

// A rule refuses an action with a reason, or lets it pass.
type rule func(*Case) error

// rules lists for each action the rules that must all let it pass, in the order in which their reasons are given.
var rules = map[Action][]rule{
	StartThread: {active, welcome, groupStands, notBanned, admitted, mayStart},
	Reply:       {active, welcome, sees, stands, notBoost, groupStands, notBanned, unblocked, admitted, unlocked},
	Edit:        {active, welcome, sees, own, stands, notBoost, notBanned},
	DeleteOwn:   {active, own},
	BoostIt:     {active, welcome, sees, stands, notBoost, openToAll, notBanned, unblocked},
	React:       {active, welcome, sees, stands, notBoost, notBanned, unblocked},
	QuoteIt:     {active, welcome, sees, stands, notBoost, quotable, notBanned, unblocked},
	RevokeQuote: {active, own, notBoost},
	CastVote:    {active, welcome, sees, stands, hasOpenPoll, notOwn, notBanned, unblocked},
	Remove:      {active, welcome, sameGroup, moderatesPost, notHigher},
	Lock:        {active, welcome, sameGroup, moderates, notHigher},
	Pin:         {active, welcome, sameGroup, startsThread, moderates},
	PinOwn:      {active, welcome, sees, own, stands, notBoost, notSecret},

	FollowThem:   {active, welcome, otherStands, notSelf, unblocked, closedToOutsiders},
	MentionThem:  {active, welcome, otherStands, unblocked},
	AnswerFollow: {active},
	BlockThem:    {active, notSelf},
	BlockHost:    {active},
	Collect:      {active, welcome},
	FeatureThem:  {active, welcome, otherStands, unblocked, wantsToBeFeatured},
	TakeBack:     {active},
	ReportThem:   {active, welcome, sees},
	Join:         {active, welcome, groupStands, notBanned},
	Leave:        {active, notLastOwner},
	Approve:      {active, welcome, groupStands, moderates},
	SetRole:      {active, welcome, groupStands, namesRole, staysOwned},
	BanFrom:      {active, welcome, groupStands, moderates, notSelf, notHigher, notLastOwner},
	EditGroup:    {active, welcome, groupStands, manages},
	DeleteGroup:  {active, welcome, groupStands, owns},

	CreateGroup:   {active, welcome, nodeModerator},
	CreatePerson:  {active, welcome, admin},
	EditProfile:   {active, welcome, selfOrAdmin},
	GiveMedia:     {active, welcome, self},
	DeleteProfile: {active, selfOrAdmin, notLastAdmin},
	DisablePerson: {active, welcome, admin, notLastAdmin},
	SetNodeRole:   {active, welcome, admin, notLastAdmin},
	Suspend:       {active, welcome, nodeModerator, notSelf, notHigherOnNode, notLastAdmin},
	LimitThem:     {active, welcome, nodeModerator, notSelf, notHigherOnNode},
	MarkSensitive: {active, welcome, nodeModerator, notHigherOnNode},
	DecideHost:    {active, welcome, admin},
	BanFromNode:   {active, welcome, nodeModerator, notSelf, notHigherOnNode, notLastAdmin},
	ResolveReport: {active, welcome, moderatesReport},
	ApprovePerson: {active, welcome, nodeModerator},
	Invite:        {active, welcome, admin},
	Announce:      {active, welcome, admin},
	KeepEmoji:     {active, welcome, admin},
	WriteTexts:    {active, welcome, admin},
	AnswerNotice:  {active, welcome},
}

// needs lets pass who has at least the role in the group.
func (c *Case) needs(role Role, who string) error {
	if !c.authority().AtLeast(role) {
		return Forbiddenf("only %s of the group may do this", who)
	}
	return nil
}

// authority is the role that the actor's word has in the group: its own members' roles, the group itself above them, and on this
// node's groups the node's staff. Nobody is trusted for sharing a host with a group of another node, only for being listed there.
func (c *Case) authority() Role {
	switch {
	case c.Group == nil:
		return ""
	case c.Actor.ID == c.Group.ID:
		return RoleOwner
	case c.Group.Local() && c.NodeRole.AtLeast(RoleAdmin):
		return RoleOwner
	case c.GroupBan.Holds(c.Now):
		return ""
	case c.Group.Local() && c.NodeRole.AtLeast(RoleNodeModerator) && !c.Membership.Active().AtLeast(RoleModerator):
		return RoleModerator
	}
	return c.Membership.Active()
}

// judgedHere tells whether the group's rules are applied here: to whoever writes in a group of this node, and to this node's people
// elsewhere. What others write elsewhere, that group has judged.
func (c *Case) judgedHere() bool {
	return c.Group != nil && (c.Group.Local() || c.Actor.Local())
}

func closed(group *Actor) bool { return group != nil && group.Group != nil && group.Group.Closed }
