package mastodon

import (
	"strconv"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// policyRoutes are what people would rather see apart, and their answers to those who wrote it. A request bears the id of its sender.
var policyRoutes = []row{
	{"GET", "/api/v1/notifications/policy", User, "read:notifications", (*API).v1NotificationPolicy, 0},
	{"PATCH", "/api/v1/notifications/policy", User, "write:notifications", (*API).changeV1NotificationPolicy, 0},
	{"PUT", "/api/v1/notifications/policy", User, "write:notifications", (*API).changeV1NotificationPolicy, 0},
	{"GET", "/api/v2/notifications/policy", User, "read:notifications", (*API).notificationPolicy, 0},
	{"PATCH", "/api/v2/notifications/policy", User, "write:notifications", (*API).changeNotificationPolicy, 0},
	{"PUT", "/api/v2/notifications/policy", User, "write:notifications", (*API).changeNotificationPolicy, 0},
	{"GET", "/api/v1/notifications/requests", User, "read:notifications", (*API).noticeRequests, 0},
	{"GET", "/api/v1/notifications/requests/merged", User, "read:notifications", (*API).mergedRequests, 0},
	{"POST", "/api/v1/notifications/requests/accept", User, "write:notifications", (*API).acceptRequests, 0},
	{"POST", "/api/v1/notifications/requests/dismiss", User, "write:notifications", (*API).dismissRequests, 0},
	{"GET", "/api/v1/notifications/requests/{id}", User, "read:notifications", (*API).noticeRequest, 0},
	{"POST", "/api/v1/notifications/requests/{id}/accept", User, "write:notifications", (*API).acceptRequest, 0},
	{"POST", "/api/v1/notifications/requests/{id}/dismiss", User, "write:notifications", (*API).dismissRequest, 0},
}

// policyFields are the names of the policy's parts, without for_ and filter_. The last one came with the second version.
func policyFields(p *communities.NotificationPolicy) map[string]*communities.Treatment {
	return map[string]*communities.Treatment{
		"not_following": &p.NotFollowing, "not_followers": &p.NotFollowers, "new_accounts": &p.NewAccounts,
		"private_mentions": &p.PrivateMentions, "limited_accounts": &p.LimitedAccounts,
	}
}

func (a *API) notificationPolicy(c *call) (any, error) {
	p, err := a.archive.NotificationPolicy(c.Context(), c.id())
	if err != nil {
		return nil, err
	}
	summary, err := a.policySummary(c)
	return entity.NotificationPolicy{
		ForNotFollowing: string(p.NotFollowing), ForNotFollowers: string(p.NotFollowers), ForNewAccounts: string(p.NewAccounts),
		ForPrivateMentions: string(p.PrivateMentions), ForLimitedAccounts: string(p.LimitedAccounts), Summary: summary,
	}, err
}

func (a *API) policySummary(c *call) (entity.PolicySummary, error) {
	senders, notices, err := a.reader(c).CountRequests(c.Context())
	return entity.PolicySummary{PendingRequestsCount: senders, PendingNotificationsCount: notices}, err
}

func (a *API) changeNotificationPolicy(c *call) (any, error) {
	err := a.changePolicy(c, func(name string, part *communities.Treatment) {
		if c.form.has("for_" + name) {
			*part = communities.Treatment(c.form.text("for_" + name))
		}
	})
	if err != nil {
		return nil, err
	}
	return a.notificationPolicy(c)
}

func (a *API) v1NotificationPolicy(c *call) (any, error) {
	p, err := a.archive.NotificationPolicy(c.Context(), c.id())
	if err != nil {
		return nil, err
	}
	summary, err := a.policySummary(c)
	return entity.V1NotificationPolicy{
		NotFollowing: p.NotFollowing != communities.Accept, NotFollowers: p.NotFollowers != communities.Accept,
		NewAccounts: p.NewAccounts != communities.Accept, PrivateMentions: p.PrivateMentions != communities.Accept, Summary: summary,
	}, err
}

func (a *API) changeV1NotificationPolicy(c *call) (any, error) {
	err := a.changePolicy(c, func(name string, part *communities.Treatment) {
		switch filter := c.form.givenFlag("filter_" + name); {
		case filter == nil:
		case *filter:
			*part = communities.Filter
		default:
			*part = communities.Accept
		}
	})
	if err != nil {
		return nil, err
	}
	return a.v1NotificationPolicy(c)
}

func (a *API) changePolicy(c *call, change func(name string, part *communities.Treatment)) error {
	return a.town.Write(c.Context(), func(tx communities.Tx) error {
		archive := storage.Of(tx)
		p, err := archive.NotificationPolicy(c.Context(), c.id())
		if err != nil {
			return err
		}
		for name, part := range policyFields(&p) {
			change(name, part)
		}
		if err := p.Check(); err != nil {
			return err
		}
		return archive.PutNotificationPolicy(c.Context(), c.id(), p)
	})
}

func (a *API) noticeRequests(c *call) (any, error) {
	at := c.page(accountLength)
	list, err := a.reader(c).NoticeRequests(c.Context(), at)
	if err != nil {
		return nil, err
	}
	cursors := make([]int64, len(list))
	for i, request := range list {
		cursors[i] = int64(request.From.ID)
	}
	a.link(c, at, cursors)
	return a.drawRequests(c, list)
}

func (a *API) noticeRequest(c *call) (any, error) {
	sender, err := pathID[communities.ActorID](c, "id")
	if err != nil {
		return nil, err
	}
	request, err := a.reader(c).NoticeRequest(c.Context(), sender)
	if err != nil {
		return nil, err
	}
	drawn, err := a.drawRequests(c, []*storage.NoticeRequest{request})
	if err != nil {
		return nil, err
	}
	return drawn[0], nil
}

func (a *API) drawRequests(c *call, list []*storage.NoticeRequest) ([]entity.NotificationRequest, error) {
	var views []*storage.View
	for _, request := range list {
		if request.Last != nil {
			views = append(views, request.Last)
		}
	}
	p, err := a.painter(c, views, onNotifications)
	if err != nil {
		return nil, err
	}
	drawn := make([]entity.NotificationRequest, len(list))
	for i, request := range list {
		drawn[i] = entity.NotificationRequest{
			ID: entity.ID(request.From.ID), CreatedAt: entity.Time(request.First), UpdatedAt: entity.Time(request.Late),
			NotificationsCount: strconv.Itoa(request.Count), Account: a.account(request.From),
		}
		if request.Last != nil && drawable(request.Last) {
			status := p.status(request.Last)
			drawn[i].LastStatus = &status
		}
	}
	return drawn, nil
}

// mergedRequests: what is let in is in its place before the answer goes out.
func (a *API) mergedRequests(*call) (any, error) { return entity.Merged{Merged: true}, nil }

func (a *API) acceptRequest(c *call) (any, error)  { return a.answerRequest(c, a.letIn) }
func (a *API) dismissRequest(c *call) (any, error) { return a.answerRequest(c, a.dismiss) }

func (a *API) answerRequest(c *call, answer func(*call, ...communities.ActorID) error) (any, error) {
	sender, err := pathID[communities.ActorID](c, "id")
	if err != nil {
		return nil, err
	}
	if _, err := a.reader(c).NoticeRequest(c.Context(), sender); err != nil {
		return nil, err
	}
	return entity.Empty{}, answer(c, sender)
}

func (a *API) acceptRequests(c *call) (any, error)  { return a.answerRequests(c, a.letIn) }
func (a *API) dismissRequests(c *call) (any, error) { return a.answerRequests(c, a.dismiss) }

// answerRequests answers those that there are; it is no error that others are not.
func (a *API) answerRequests(c *call, answer func(*call, ...communities.ActorID) error) (any, error) {
	var senders []communities.ActorID
	for _, sender := range parseIDs[communities.ActorID](c.form.list("id")) {
		_, err := a.reader(c).NoticeRequest(c.Context(), sender)
		if communities.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		senders = append(senders, sender)
	}
	return entity.Empty{}, answer(c, senders...)
}

func (a *API) letIn(c *call, senders ...communities.ActorID) error {
	return a.town.Write(c.Context(), func(tx communities.Tx) error {
		for _, sender := range senders {
			if _, err := storage.Of(tx).LetIn(c.Context(), c.id(), sender, a.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *API) dismiss(c *call, senders ...communities.ActorID) error {
	return a.town.Write(c.Context(), func(tx communities.Tx) error {
		for _, sender := range senders {
			if err := storage.Of(tx).Dismiss(c.Context(), c.id(), sender); err != nil {
				return err
			}
		}
		return nil
	})
}
