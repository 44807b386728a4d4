package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/federation"
	"meent/federation/fetch"
	"meent/federation/webpush"
	"meent/storage"
)

const (
	pushFor    = 48 * time.Hour // that a call is tried, and that a push service keeps it for a device that is off
	pushedText = 140            // characters of a post that are told
	pushedIcon = 1000           // bytes of an address; a longer one is left out, so that the message stays within what push services take
)

// Push calls an app for a notification. For what was taken back meanwhile, or is by somebody muted, nobody is called; an app that is no longer there
// loses its subscription. Where the push service is out of reach the task is done again, for as long as pushFor.
func (a *API) Push(ctx context.Context, task communities.Push) error {
	if a.Now().Sub(task.At) > pushFor {
		return nil
	}
	s, err := a.archive.PushSubscription(ctx, task.Subscription)
	if err == nil {
		err = a.call(ctx, s, task.Notification)
	}
	if communities.IsNotFound(err) {
		return nil
	}
	return err
}

func (a *API) call(ctx context.Context, s *communities.PushSubscription, id communities.NotificationID) error {
	n, err := a.toldOf(ctx, s.Person, id)
	if err != nil {
		return err
	}
	message, err := a.pushMessage(ctx, s, n)
	if err != nil {
		return err
	}
	endpoint, err := url.Parse(s.Endpoint)
	if err != nil {
		return fmt.Errorf("endpoint of push subscription %d: %w", s.ID, err)
	}
	letter, err := a.PushKey.Write(message, webpush.App{Endpoint: endpoint, PublicKey: s.PublicKey, Auth: s.Auth, Standard: s.Standard},
		webpush.Envelope{Contact: a.pushContact(), Life: pushFor, Urgency: urgencyOf(n.Kind), Now: a.Now()})
	if err != nil {
		return err
	}
	return a.handOver(ctx, s, endpoint.Host, letter)
}

// toldOf finds a notification where the person's apps would list it.
func (a *API) toldOf(ctx context.Context, person communities.ActorID, id communities.NotificationID) (*storage.Notice, error) {
	just := storage.Page{SinceID: int64(id) - 1, MaxID: int64(id) + 1, Limit: 1}
	list, err := a.archive.As(communities.Viewer{Actor: person}).Notices(ctx, storage.NoticeFilter{Kinds: wantedKinds(form{})}, just)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].From == nil || slices.Contains(aboutPost, notices[list[0].Kind]) && (list[0].Post == nil || !drawable(list[0].Post)) {
		return nil, communities.NotFound
	}
	return list[0], nil
}

// handOver gives a letter to the push service, as one of few at the same time, and hears what it says.
func (a *API) handOver(ctx context.Context, s *communities.PushSubscription, host string, letter webpush.Letter) error {
	if wait := a.services.enter(host, a.Now()); wait > 0 {
		return &federation.Later{After: wait}
	}
	answer, err := a.Outside.Post(ctx, s.Endpoint, letter.Body, letter.Header.Get("Content-Type"), func(r *http.Request, _ []byte) error {
		for name, values := range letter.Header {
			r.Header[name] = values
		}
		return nil
	})
	failed := err != nil && !fetch.Refused(err) || err == nil && passing(answer.Status)
	a.services.leave(host, failed, a.Now())
	switch {
	case fetch.Refused(err):
		a.Log.InfoContext(ctx, "a push service is not one to turn to", "host", host, "err", err)
		return nil
	case err != nil:
		return fmt.Errorf("call an app: %w", err)
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusGone: // RFC 8030 7.3
		return a.town.Write(ctx, func(tx communities.Tx) error { return storage.Of(tx).DeletePushSubscription(ctx, s.ID) })
	case failed && answer.RetryAfter > 0:
		return &federation.Later{After: answer.RetryAfter}
	case failed:
		return fmt.Errorf("call an app: %s answers %d", host, answer.Status)
	case !answer.OK():
		a.Log.InfoContext(ctx, "a push service refuses a letter", "host", host, "status", answer.Status, "reason", answer.Reason)
	}
	return nil
}

// passing tells of the numbers that may be others a while later.
func passing(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

func (a *API) pushContact() string {
	if a.Email != "" {
		return "mailto:" + a.Email
	}
	return a.town.Base + "/"
}

// urgencyOf lets a device sleep on for what asks nothing of its owner.
func urgencyOf(kind communities.NotificationKind) webpush.Urgency {
	switch kind {
	case communities.NotifyBoost, communities.NotifyFavourite, communities.NotifyFollow, communities.NotifyEdit,
		communities.NotifyQuotedEdit:
		return webpush.Low
	default:
		return webpush.Normal
	}
}

// pushMessage says what happened in the language of the person.
func (a *API) pushMessage(ctx context.Context, s *communities.PushSubscription, n *storage.Notice) ([]byte, error) {
	account, err := a.archive.Account(ctx, s.Person)
	if err != nil {
		return nil, err
	}
	token, err := a.sealer.Open(s.Token, s.TokenHash)
	if err != nil {
		return nil, fmt.Errorf("token of push subscription %d: %w", s.ID, err)
	}
	words := a.languages.Choose(account.Locale)
	icon := a.account(n.From).Avatar
	if len(icon) > pushedIcon {
		icon = a.town.Base + avatarPath
	}
	return json.Marshal(entity.PushMessage{ //nolint:gosec // the app gets its own token back, encrypted
		AccessToken: token, PreferredLocale: words.Lang, NotificationID: int64(n.ID), NotificationType: notices[n.Kind],
		Icon: icon, Title: words.Text("push."+string(n.Kind), n.From.Title()), Body: pushBody(n),
	})
}

// pushBody is the beginning of what it is about, or who it is: of a post with a warning, the warning.
func pushBody(n *storage.Notice) string {
	text := plainText(n.From.Summary)
	if n.Post != nil {
		post := n.Post.Post
		text = cmp.Or(post.Warning, post.Title, plainText(post.Content))
	}
	if utf8.RuneCountInString(text) > pushedText {
		return string([]rune(text)[:pushedText-1]) + "…"
	}
	return text
}
