package communities

import "strconv"

// Quote is the tie of a post to another that it shows within (FEP-044f). It is shown only once the author of what is quoted consents.
type Quote struct {
	Of            PostID // 0: not known here
	URI           string // of what is quoted
	State         QuoteState
	Authorization string // URI of the quoted author's consent; "": none yet
	Legacy        bool   // told in a way that knows no consent: until there is one, such a post is no more than a post with a link
	Depth         int    // of a claim: quotes around the post that made us read it
}

// QuoteState is what the author of what is quoted thinks of it.
type QuoteState string

const (
	QuotePending  QuoteState = "pending"
	QuoteAccepted QuoteState = "accepted"
	QuoteRejected QuoteState = "rejected"
	QuoteRevoked  QuoteState = "revoked" // after it had been accepted
)

// Accepted tells whether there is a quote, and its consent.
func (q *Quote) Accepted() bool { return q != nil && q.State == QuoteAccepted }

// Circle is a set of people around an author.
type Circle uint8

const (
	Anybody    Circle = 1 << iota
	Fans              // the author's followers
	Idols             // whom the author follows
	SomeOthers        // whom the author lists in a way that is not kept here
)

// Has tells whether a circle holds all of another.
func (c Circle) Has(other Circle) bool { return c&other == other }

// Quotability is who may quote a post beside its author: at once, and after the author has looked. The zero value is nobody.
type Quotability struct {
	Automatic Circle
	Manual    Circle
}

// QuoteChoice is a [Quotability] as people of this node choose it (Mastodon API, quote_approval_policy).
type QuoteChoice string

const (
	QuotableByAnybody   QuoteChoice = "public"
	QuotableByFollowers QuoteChoice = "followers"
	QuotableByNobody    QuoteChoice = "nobody"
)

// quotabilities is what the choices mean; "" is what everybody begins with.
var quotabilities = map[QuoteChoice]Quotability{
	"": {Automatic: Anybody}, QuotableByAnybody: {Automatic: Anybody}, QuotableByFollowers: {Automatic: Fans}, QuotableByNobody: {},
}

// Check tells whether there is such a choice.
func (c QuoteChoice) Check() error {
	if _, ok := quotabilities[c]; !ok || c == "" {
		return Invalidf("who may quote is one of public, followers and nobody")
	}
	return nil
}

// CanQuote tells what a wish to quote would meet, from how the wisher stands to the author. Consent is not asked for what one wrote oneself.
func (q Quotability) CanQuote(own, follows, followed bool) Consent {
	around := Anybody
	if follows {
		around |= Fans
	}
	if followed {
		around |= Idols
	}
	switch {
	case own || q.Automatic&around != 0:
		return ConsentAutomatic
	case q.Manual&around != 0:
		return ConsentManual
	case (q.Automatic | q.Manual).Has(SomeOthers):
		return ConsentUnknown
	default:
		return ConsentDenied
	}
}

// MayBeQuoted does the same for a post. What is not for everybody its author alone may quote, and never what is for those only who are named
// in it or for the members of a group (Mastodon API, quoted_status_id).
func (p *Post) MayBeQuoted(own, follows, followed bool) Consent {
	if p.Kind == Boost || p.Visibility == Direct || p.Visibility == GroupOnly || (p.Visibility == Followers && !own) {
		return ConsentDenied
	}
	return p.Quotability.CanQuote(own, follows, followed)
}

// Consent is what a wish to quote would meet (Mastodon API, QuoteApproval).
type Consent string

const (
	ConsentAutomatic Consent = "automatic"
	ConsentManual    Consent = "manual"
	ConsentUnknown   Consent = "unknown"
	ConsentDenied    Consent = "denied"
)

// QuoteAuthorization returns the global id of the consent to show a post of this node within another (FEP-044f).
func (a Address) QuoteAuthorization(quoted string, quoting PostID) string {
	return quoted + "/quotes/" + strconv.FormatInt(int64(quoting), 10)
}

// QuoteRequest returns the global id of the request to show another post within one of this node's.
func (a Address) QuoteRequest(quoting string) string { return quoting + quoteRequest }

const quoteRequest = "/quote-request"
