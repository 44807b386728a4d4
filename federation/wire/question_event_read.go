package wire

import "time"

// poll reads a Question (FEP-9967). Pleroma sends both lists, one of them empty.
func (n *node) poll(updated time.Time) *Poll {
	p := &Poll{EndTime: n.get("endTime").time(), Closed: n.get("closed").time()}
	options := n.get("oneOf").list()
	if several := n.get("anyOf").list(); len(several) > 0 {
		options, p.Multiple = several, true
	}
	for i := range options[:min(len(options), MaxPollOptions)] {
		option := PollOption{Name: options[i].natural("name", MaxNameLength)}
		option.Votes, _ = options[i].get("replies").get("totalItems").count()
		p.Options = append(p.Options, option)
	}
	p.VotersCount, _ = n.get("votersCount").count()
	if n.get("closed").bool() { // AS2 vocabulary 4: closed may be a mere "true"
		if p.Closed = p.EndTime; p.Closed.IsZero() {
			p.Closed = updated
		}
	}
	return p
}

// event reads an Event (FEP-8a8e; Mobilizon and Gancio before it).
func (n *node) event() *Event {
	e := &Event{
		Start: n.get("startTime").time(), End: n.get("endTime").time(),
		Timezone: n.get("timezone").cut(maxLanguageTag), Status: n.eventStatus(), JoinMode: n.get("joinMode").cut(maxLanguageTag),
	}
	places := n.get("location").list()
	for i := range places {
		e.readPlace(&places[i])
	}
	return e
}

// eventStatus reads Mobilizon's key, then FEP-8a8e's, whose names it translates.
func (n *node) eventStatus() string {
	for _, key := range []string{"ical:status", "status"} {
		if s := n.get(key).cut(maxLanguageTag); s != "" {
			return s
		}
	}
	for ours, theirs := range eventStatuses {
		if n.get("eventStatus").str() == theirs {
			return ours
		}
	}
	return ""
}

func (e *Event) readPlace(n *node) {
	if n.get("type").str() == "VirtualLocation" {
		if e.OnlineURL == "" {
			e.OnlineURL = n.get("url").link()
		}
		return
	}
	if e.Location == nil {
		e.Location = n.place()
	}
}

// place reads a Place whose address is a PostalAddress, a text (Gancio) or
// which is a text itself.
func (n *node) place() *Place {
	if n.kind != objectNode {
		if name := n.cut(MaxNameLength); name != "" {
			return &Place{Name: name}
		}
		return nil
	}
	address := n.get("address").first()
	part := func(key string) string { return address.get(key).cut(MaxNameLength) }
	p := &Place{
		ID: n.get("id").id(), Name: n.natural("name", MaxNameLength), Street: part("streetAddress"), PostalCode: part("postalCode"),
		Locality: part("addressLocality"), Region: part("addressRegion"), Country: part("addressCountry"),
	}
	if p.Street == "" {
		p.Street = address.cut(MaxNameLength)
	}
	p.readPoint(n)
	if *p == (Place{}) {
		return nil
	}
	return p
}

// readPoint reads AS2's latitude and longitude, or schema.org's geo.
func (p *Place) readPoint(n *node) {
	for _, holder := range []*node{n, n.get("geo")} {
		latitude, ok1 := holder.get("latitude").float()
		longitude, ok2 := holder.get("longitude").float()
		if ok1 && ok2 && latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180 {
			p.Latitude, p.Longitude, p.HasPoint = latitude, longitude, true
			return
		}
	}
}
