package web

import (
	"net/http"
	"strconv"
	"time"

	"meent/communities"
	"meent/storage"
)

type noticesView struct {
	Notices []noticeView
	Unread  bool
	Newest  communities.NotificationID
	Pages   pagesView
	Desk    bool // the visitor looks after the whole node
}

type noticeView struct {
	Who    nameView
	Says   string
	Link   string // to what it is about; "" where nothing is left of it
	About  string
	Group  *nameView
	At     time.Time
	Unread bool
}

// saysNotice are the keys of what a notification says, after the name of who brought it about.
var saysNotice = map[communities.NotificationKind]string{
	communities.NotifyMention: "notice.mention", communities.NotifyReply: "notice.reply", communities.NotifyBoost: "notice.boost",
	communities.NotifyFavourite: "notice.favourite", communities.NotifyFollow: "notice.follow", communities.NotifyFollowRequest: "notice.asks",
	communities.NotifyPoll: "notice.poll", communities.NotifyEdit: "notice.edit", communities.NotifyPost: "notice.post",
	communities.NotifyCollected: "notice.collected", communities.NotifyCollectionUpdate: "notice.recollected", communities.NotifyQuote: "notice.quote",
	communities.NotifyQuotedEdit: "notice.quotededit", communities.NotifyReport: "notice.report", communities.NotifySignUp: "notice.signup",
	communities.NotifyJoinRequest: "notice.join", communities.NotifyAdmission: "notice.admission", communities.NotifyRemoval: "notice.removal",
}

// Notifications lists what the visitor is told.
func (p *Pages) Notifications(w http.ResponseWriter, r *http.Request, v Visitor) error {
	c, at := p.speak(r), position(r)
	notices, err := p.read(v).Notifications(r.Context(), at)
	if err != nil {
		return err
	}
	content := noticesView{Desk: v.Account.Role.AtLeast(communities.RoleNodeModerator)}
	for _, notice := range notices {
		content.Newest = max(content.Newest, notice.ID)
		content.Unread = content.Unread || notice.ReadAt.IsZero()
		content.Notices = append(content.Notices, p.notice(c, notice))
	}
	content.Pages = p.noticePages(r, notices, at)
	return p.show(w, r, "notifications", http.StatusOK, page{Title: c.text("frame.notices"), Hidden: true, Visitor: v, Content: content})
}

func (p *Pages) notice(c *catalogue, n *storage.Notice) noticeView {
	view := noticeView{Who: p.name(n.From), Says: c.text(saysNotice[n.Kind]), At: n.CreatedAt, Unread: n.ReadAt.IsZero()}
	if n.Group != nil {
		group := p.name(n.Group)
		view.Group = &group
	}
	switch {
	case n.Post != nil:
		view.Link, view.About = postPath(n.Post.Post.ID), p.titleOf(c, n.Post)
	case n.Report != 0 && n.Group == nil:
		view.Link, view.About = "/moderation", c.text("desk.title")
	case n.Group != nil && (n.Report != 0 || n.Kind == communities.NotifyJoinRequest):
		view.Link, view.About = view.Group.URL+"/moderation", c.text("desk.title")
	}
	return view
}

func (p *Pages) noticePages(r *http.Request, notices []*storage.Notice, at storage.Page) pagesView {
	var pages pagesView
	if at.MaxID != 0 {
		pages.Newer = r.URL.Path
	}
	if len(notices) == at.Limit {
		pages.Older = r.URL.Path + "?before=" + strconv.FormatInt(int64(notices[len(notices)-1].ID), 10)
	}
	return pages
}

// ReadNotifications notes that the visitor has seen what they were told, up to what the page showed.
func (p *Pages) ReadNotifications(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	upTo, err := strconv.ParseInt(r.PostFormValue("up_to"), 10, 64)
	if err != nil {
		return communities.Invalidf("this form cannot be read")
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).ReadNotifications(r.Context(), v.ID(), communities.NotificationID(upTo), p.Now())
	})
	if err != nil {
		return err
	}
	return redirect(w, r, "/notifications")
}
