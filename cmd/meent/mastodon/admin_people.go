package mastodon

import (
	"context"
	"strconv"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// adminPeopleRoutes are how moderators look at people, and decide about them (methods/admin/accounts).
var adminPeopleRoutes = []row{
	{"GET", "/api/v1/admin/accounts", Staff, "admin:read:accounts", (*API).adminAccountsV1, 0},
	{"GET", "/api/v2/admin/accounts", Staff, "admin:read:accounts", (*API).adminAccounts, 0},
	{"GET", "/api/v1/admin/accounts/{id}", Staff, "admin:read:accounts", (*API).adminAccount, 0},
	{"DELETE", "/api/v1/admin/accounts/{id}", Staff, "admin:write:accounts", (*API).adminDelete, 0},
	{"POST", "/api/v1/admin/accounts/{id}/action", Staff, "admin:write:accounts", (*API).adminAct, 0},
	{"POST", "/api/v1/admin/accounts/{id}/approve", Staff, "admin:write:accounts", (*API).adminApprove, 0},
	{"POST", "/api/v1/admin/accounts/{id}/reject", Staff, "admin:write:accounts", (*API).adminReject, 0},
	{"POST", "/api/v1/admin/accounts/{id}/enable", Staff, "admin:write:accounts", (*API).adminEnable, 0},
	{"POST", "/api/v1/admin/accounts/{id}/unsilence", Staff, "admin:write:accounts", (*API).adminUnsilence, 0},
	{"POST", "/api/v1/admin/accounts/{id}/unsuspend", Staff, "admin:write:accounts", (*API).adminUnsuspend, 0},
	{"POST", "/api/v1/admin/accounts/{id}/unsensitive", Staff, "admin:write:accounts", (*API).adminUnsensitive, 0},
}

// adminLength is how long a page is where moderators look.
const adminLength length = 100

// adminAccountsV1 reads each wish from a flag of its own.
func (a *API) adminAccountsV1(c *call) (any, error) {
	which := a.peopleFilter(c)
	which.Local, which.Remote = c.form.flag("local"), c.form.flag("remote")
	for _, state := range []storage.PersonState{
		storage.Active, storage.Pending, storage.Disabled, storage.Silenced, storage.Suspended, storage.Sensitive,
	} {
		if c.form.flag(string(state)) {
			which.State = state
		}
	}
	if c.form.flag("staff") {
		which.Roles = staffRoles
	}
	return a.adminPeople(c, which)
}

func (a *API) adminAccounts(c *call) (any, error) {
	which := a.peopleFilter(c)
	which.Local, which.Remote = c.form.text("origin") == "local", c.form.text("origin") == "remote"
	which.State = storage.PersonState(c.form.text("status"))
	which.InvitedBy, _ = parseID[communities.ActorID](c.form.text("invited_by"))
	if c.form.text("permissions") == "staff" {
		which.Roles = staffRoles
	}
	for _, id := range c.form.list("role_ids") {
		for role, number := range roleIDs {
			if strconv.Itoa(number) == id {
				which.Roles = append(which.Roles, role)
			}
		}
	}
	return a.adminPeople(c, which)
}

var staffRoles = []communities.NodeRole{communities.RoleNodeModerator, communities.RoleAdmin}

func (a *API) peopleFilter(c *call) storage.PeopleFilter {
	return storage.PeopleFilter{
		Name: strings.TrimPrefix(c.form.text("username"), "@"), DisplayName: c.form.text("display_name"),
		Host: c.form.text("by_domain"), Email: c.form.text("email"),
	}
}

func (a *API) adminPeople(c *call, which storage.PeopleFilter) (any, error) {
	at := c.page(adminLength)
	if c.form.text("ip") != "" {
		return []entity.AdminAccount{}, nil // of whom no address is kept, none has this one
	}
	people, err := a.archive.People(c.Context(), which, at)
	if err != nil {
		return nil, err
	}
	list, cursors := make([]entity.AdminAccount, len(people)), make([]int64, len(people))
	for i, person := range people {
		list[i], cursors[i] = a.adminDraw(c, person), int64(person.Actor.ID)
	}
	a.link(c, at, cursors)
	return list, nil
}

// adminDraw draws somebody as moderators see them. Only administrators and moderators get here, who may know the address to write to.
func (a *API) adminDraw(c *call, r storage.Resident) entity.AdminAccount {
	drawn := entity.AdminAccount{
		ID: entity.ID(r.Actor.ID), Username: r.Actor.Name, Domain: entity.Optional(r.Actor.Host), CreatedAt: entity.Time(r.Actor.CreatedAt),
		IPs: []entity.Empty{}, Confirmed: true, Approved: true, Suspended: !r.Actor.SuspendedAt.IsZero() || r.Actor.HostPolicy == communities.HostBlocked,
		Silenced: r.Actor.Limited(), Sensitized: !r.Actor.SensitiveAt.IsZero(), Account: a.account(r.Actor),
	}
	if account := r.Account; account != nil {
		role := credentialRole(account.Role)
		drawn.Role, drawn.Email, drawn.Locale = &role, &account.Email, entity.Optional(account.Locale)
		drawn.Confirmed, drawn.Approved, drawn.Disabled = !account.Unconfirmed, !account.Unapproved, !account.DisabledAt.IsZero()
		drawn.InviteRequest, drawn.CreatedByApplicationID = entity.Optional(account.Reason), entity.OptionalID(account.App)
		drawn.Suspended = drawn.Suspended && !account.Pending()
		if account.Invite != 0 {
			drawn.InvitedByAccountID = a.inviter(c.Context(), account.Invite)
		}
	}
	return drawn
}

func (a *API) inviter(ctx context.Context, id communities.InviteID) *entity.ID {
	invite, err := a.archive.Invite(ctx, id)
	if err != nil {
		return nil
	}
	return entity.OptionalID(invite.By)
}

func (a *API) adminAccount(c *call) (any, error) {
	id, err := pathID[communities.ActorID](c, "id")
	if err != nil {
		return nil, err
	}
	person, err := a.archive.Resident(c.Context(), id)
	if err != nil {
		return nil, err
	}
	return a.adminDraw(c, person), nil
}

// decision is what a moderator decides about somebody.
type decision func(ctx context.Context, tx communities.Tx, s communities.Standing) error

// adminDecide does it, and shows the account as it is then. Whoever is gone by it is shown as they were.
func (a *API) adminDecide(c *call, decide decision) (any, error) {
	id, err := pathID[communities.ActorID](c, "id")
	if err != nil {
		return nil, err
	}
	was, err := a.archive.Resident(c.Context(), id)
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		return decide(c.Context(), tx, communities.Standing{Actor: id, By: c.id(), Reason: c.form.text("text")})
	})
	if err != nil {
		return nil, err
	}
	is, err := a.archive.Resident(c.Context(), id)
	if communities.IsNotFound(err) {
		is, err = was, nil
	}
	if err != nil {
		return nil, err
	}
	return a.adminDraw(c, is), nil
}

func (a *API) adminApprove(c *call) (any, error) { return a.adminDecide(c, a.town.ApprovePerson) }

func (a *API) adminReject(c *call) (any, error)      { return a.adminDecide(c, a.town.RejectPerson) }
func (a *API) adminEnable(c *call) (any, error)      { return a.adminDecide(c, a.town.Enable) }
func (a *API) adminUnsilence(c *call) (any, error)   { return a.adminDecide(c, a.town.Unlimit) }
func (a *API) adminUnsuspend(c *call) (any, error)   { return a.adminDecide(c, a.town.Unsuspend) }
func (a *API) adminUnsensitive(c *call) (any, error) { return a.adminDecide(c, a.town.UnmarkSensitive) }

// adminDelete erases somebody who is suspended; whoever is not has to be first.
func (a *API) adminDelete(c *call) (any, error) {
	return a.adminDecide(c, func(ctx context.Context, tx communities.Tx, s communities.Standing) error {
		person, err := storage.Of(tx).Resident(ctx, s.Actor)
		if err != nil {
			return err
		}
		if person.Actor.SuspendedAt.IsZero() || person.Account != nil && person.Account.Pending() {
			return errRole
		}
		return a.town.DeleteActor(ctx, tx, s)
	})
}

// adminAct decides in the words of Mastodon, and closes the report that it follows from, with the others about the same account.
func (a *API) adminAct(c *call) (any, error) {
	decide, known := map[string]decision{
		"none": func(context.Context, communities.Tx, communities.Standing) error { return nil }, "sensitive": a.town.MarkSensitive,
		"disable": a.town.Disable, "silence": a.town.Limit, "suspend": a.town.Suspend,
	}[c.form.text("type")]
	if !known {
		return nil, communities.Invalidf("Validation failed: Type is not included in the list")
	}
	_, err := a.adminDecide(c, func(ctx context.Context, tx communities.Tx, s communities.Standing) error {
		if err := decide(ctx, tx, s); err != nil {
			return err
		}
		return a.resolveAbout(ctx, tx, s)
	})
	return entity.Empty{}, err
}

// resolveAbout closes every open report about somebody.
func (a *API) resolveAbout(ctx context.Context, tx communities.Tx, s communities.Standing) error {
	reports, err := storage.Of(tx).OpenReportsAbout(ctx, s.Actor)
	if err != nil {
		return err
	}
	for _, id := range reports {
		if err := a.town.ResolveReport(ctx, tx, communities.Resolution{Report: id, By: s.By}); err != nil {
			return err
		}
	}
	return nil
}
