package mastodon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"meent/cmd/meent/locale"
	"meent/communities"
)

// answer is what writes itself: a page, a picture, a redirect.
type answer interface {
	write(w http.ResponseWriter, r *http.Request) error
}

// answer writes what a handler returned.
func (a *API) answer(w http.ResponseWriter, r *http.Request, result any) {
	var err error
	if own, ok := result.(answer); ok {
		err = own.write(w, r)
	} else {
		err = writeJSON(w, http.StatusOK, result)
	}
	if err != nil {
		a.Log.DebugContext(r.Context(), "answer an app", "path", r.URL.Path, "err", err)
	}
}

// writeJSON writes an answer whole: encoded first, so that one which cannot be encoded is not half an answer.
func writeJSON(w http.ResponseWriter, status int, body any) error {
	var buffer bytes.Buffer
	if err := encodeJSON(&buffer, body); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-store")
	}
	w.WriteHeader(status)
	_, err := w.Write(buffer.Bytes())
	return err
}

// encodeJSON leaves out the detours that keep JSON out of harm's way in HTML.
func encodeJSON(to io.Writer, body any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(body)
}

// failure is an error as apps read it (Mastodon API, entities/Error). Many show Message as it is.
type failure struct {
	status      int
	reason      *communities.Error        // why, where it can be said in other languages; nil: the text is one that apps know
	wrong       communities.FieldErrors   // with the fields of a form
	Message     string                    `json:"error"`
	Description string                    `json:"error_description,omitempty"`
	Details     map[string][]fieldFailure `json:"details,omitempty"`
}

func (f *failure) Error() string { return f.Message }

// fieldFailure is what is wrong with one field of a form: a code that apps know, and words.
type fieldFailure struct {
	Error       string `json:"error"`
	Description string `json:"description"`
}

// What tokens can be refused for. The texts are those that apps know.
var (
	errToken  = &failure{status: http.StatusUnauthorized, Message: "The access token is invalid"}
	errScope  = &failure{status: http.StatusForbidden, Message: "This action is outside the authorized scopes"}
	errPerson = &failure{status: http.StatusUnprocessableEntity, Message: "This method requires an authenticated user"}
	errRole   = &failure{status: http.StatusForbidden, Message: "This action is not allowed"}

	errUnconfirmed = &failure{status: http.StatusForbidden, Message: "Your login is missing a confirmed e-mail address"}
	errUnapproved  = &failure{status: http.StatusForbidden, Message: "Your login is currently pending approval"}
)

// statuses tells the kinds of error in the numbers that apps know: what is wrong with a request is 422, never 400.
var statuses = map[communities.Kind]int{
	communities.KindInternal:  http.StatusInternalServerError,
	communities.KindNotFound:  http.StatusNotFound,
	communities.KindInvalid:   http.StatusUnprocessableEntity,
	communities.KindForbidden: http.StatusForbidden,
	communities.KindConflict:  http.StatusUnprocessableEntity,
	communities.KindGone:      http.StatusGone,
	communities.KindLimited:   http.StatusTooManyRequests,
}

// retryAfter is how long a client waits that came too often: limits count by the minute.
const retryAfter = time.Minute

// fail writes an error, in the language that the call asks for or else the account has. What nobody should see of it is logged instead.
func (a *API) fail(w http.ResponseWriter, r *http.Request, who caller, err error) {
	if errors.Is(err, r.Context().Err()) && r.Context().Err() != nil {
		return // whoever asked has gone
	}
	told := failureOf(err).in(a.wordsFor(r, who))
	if told.status == http.StatusInternalServerError {
		a.Log.ErrorContext(r.Context(), "answer an app", "method", r.Method, "path", r.URL.Path, "err", err)
	}
	if told.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+a.town.Host()+`"`)
	}
	if told.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		w.Header().Set("X-RateLimit-Reset", a.Now().Add(retryAfter).UTC().Format(time.RFC3339)) // a time, as Mastodon has it
	}
	if err := writeJSON(w, told.status, told); err != nil {
		a.Log.DebugContext(r.Context(), "tell an app of an error", "err", err)
	}
}

func failureOf(err error) *failure {
	if told := (*failure)(nil); errors.As(err, &told) {
		return told
	}
	if wrong := communities.FieldErrors(nil); errors.As(err, &wrong) {
		return failureOfFields(wrong)
	}
	told := &failure{status: statuses[communities.KindOf(err)], Message: "This did not work, and it is not your fault"}
	switch known := (*communities.Error)(nil); {
	case told.status == http.StatusNotFound:
		told.Message = "Record not found"
	case errors.As(err, &known):
		told.Message, told.reason = known.Message, known
	}
	return told
}

// failureOfFields lists what is wrong with each field, as forms of apps show it (Mastodon API, methods/accounts).
func failureOfFields(wrong communities.FieldErrors) *failure {
	return &failure{
		status: http.StatusUnprocessableEntity, Message: "Validation failed: " + wrong.Error(), wrong: wrong,
		Details: detailsOf(wrong, func(_ string, why error) string { return why.Error() }),
	}
}

func detailsOf(wrong communities.FieldErrors, say func(field string, why error) string) map[string][]fieldFailure {
	details := map[string][]fieldFailure{}
	for _, e := range wrong {
		details[e.Field] = append(details[e.Field], fieldFailure{Error: e.Code, Description: say(e.Field, e.Why)})
	}
	return details
}

// in says a failure in a language, once.
func (f *failure) in(words *locale.Words) *failure {
	said := *f
	said.reason, said.wrong = nil, nil
	switch {
	case f.reason != nil:
		said.Message = words.Refusal(f.reason)
	case f.wrong != nil:
		var all []string
		said.Details = detailsOf(f.wrong, func(field string, why error) string {
			text := failureOf(why).in(words).Message
			all = append(all, words.Text(field)+" "+text)
			return text
		})
		said.Message = words.Text("Validation failed: %s", strings.Join(all, ", "))
	}
	return &said
}

// wordsFor are those of the language that a call asks for, else of the one that the person chose.
func (a *API) wordsFor(r *http.Request, who caller) *locale.Words {
	own := ""
	if who.account != nil {
		own = who.account.Locale
	}
	return a.languages.Choose(r.Header.Get("Accept-Language"), own)
}

// refusal turns "you may not" into what apps show word for word, such as that a thread is locked: 403 they take for a fault of their own.
func refusal(err error) error {
	if communities.KindOf(err) != communities.KindForbidden {
		return err
	}
	told := *failureOf(err)
	told.status = http.StatusUnprocessableEntity
	return &told
}

// plain is an answer in words.
type plain string

func (p plain) write(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte(p))
	return err
}
