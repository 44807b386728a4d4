package web

import (
	"net/http"
	"strconv"
	"strings"

	"meent/communities"
)

// maxForm bounds what a form may send: a text of [communities.MaxText] characters, each written as up to twelve bytes.
const maxForm = 1 << 20

// form reads what was sent; field by field, without files.
func form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return communities.Invalidf("this form cannot be read")
	}
	return nil
}

// field returns a field with the line ends that Markdown expects.
func field(r *http.Request, name string) string {
	return strings.ReplaceAll(strings.TrimSpace(r.PostFormValue(name)), "\r\n", "\n")
}

// on tells whether a form switches something on.
func on(r *http.Request) bool { return r.PostFormValue("on") == "1" }

// Reply takes the form of an answer.
func (p *Pages) Reply(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	return p.publish(w, r, communities.Draft{Author: v.ID(), InReplyTo: id, Source: field(r, "text"), Language: p.speak(r).lang})
}

func (p *Pages) publish(w http.ResponseWriter, r *http.Request, draft communities.Draft) error {
	var post *communities.Post
	err := p.town.Write(r.Context(), func(tx communities.Tx) error {
		var err error
		post, err = p.town.Publish(r.Context(), tx, draft)
		return err
	})
	if err != nil {
		return err
	}
	return redirect(w, r, postPath(post.ID))
}

// Delete takes the visitor's own post back.
func (p *Pages) Delete(w http.ResponseWriter, r *http.Request, v Visitor) error {
	id, err := postID(r)
	if err != nil {
		return err
	}
	var post *communities.Post
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		var err error
		if post, err = tx.Post(r.Context(), id); err != nil {
			return err
		}
		return p.town.Delete(r.Context(), tx, communities.Deletion{Post: id, By: v.ID()})
	})
	if err != nil {
		return err
	}
	if post.Thread == post.ID {
		return redirect(w, r, "/")
	}
	return redirect(w, r, postPath(post.Thread))
}

// Vote takes a ballot.
func (p *Pages) Vote(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	ballot := communities.Ballot{Post: id, Voter: v.ID()}
	for _, chosen := range r.PostForm["option"] {
		option, err := strconv.Atoi(chosen)
		if err != nil {
			return communities.Invalidf("this form cannot be read")
		}
		ballot.Options = append(ballot.Options, option)
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		_, err := p.town.Vote(r.Context(), tx, ballot)
		return err
	})
	if err != nil {
		return err
	}
	return redirect(w, r, postPath(id))
}

// Favourite says or unsays that the visitor likes a post.
func (p *Pages) Favourite(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	id, err := postID(r)
	if err != nil {
		return err
	}
	reacting := communities.Reacting{Post: id, By: v.ID(), Kind: communities.Favourite}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		if on(r) {
			return p.town.React(r.Context(), tx, reacting)
		}
		return p.town.Unreact(r.Context(), tx, reacting)
	})
	if err != nil {
		return err
	}
	return redirect(w, r, postPath(id))
}

// Follow follows a group or person, or no longer.
func (p *Pages) Follow(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	actor, err := p.findActor(r)
	if err != nil {
		return err
	}
	following := communities.Following{Follower: v.ID(), Followee: actor.ID}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		if on(r) {
			_, err := p.town.Follow(r.Context(), tx, following)
			return err
		}
		return p.town.Unfollow(r.Context(), tx, following)
	})
	if err != nil {
		return err
	}
	return redirect(w, r, p.actorPage(actor))
}

// Join makes the visitor a member of a group, or no longer.
func (p *Pages) Join(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	entry := communities.Entry{Group: group.ID, Person: v.ID()}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		if on(r) {
			_, err := p.town.Join(r.Context(), tx, entry)
			return err
		}
		return p.town.Leave(r.Context(), tx, entry)
	})
	if err != nil {
		return err
	}
	return redirect(w, r, p.actorPage(group))
}
