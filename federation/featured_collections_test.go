package federation

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"meent/communities"
	"meent/federation/wire"
)

// TestFeaturedCollections: FEP-7aa9. What somebody recommends can be read, with the word of each who is in it, and followers hear of changes.
func TestFeaturedCollections(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.does(`{` + as2 + `,"id":"PEER/f1","type":"Follow","actor":"PEER/u/bo","object":"` + w.anna.URI + `"}`)
		var c *communities.Collection
		var item *communities.CollectionItem
		w.write(func(ctx context.Context, tx communities.Tx) (err error) {
			name, about, tag, tongue := "Buurt", "Wie u moet kennen", "buurt", "nl"
			c, err = w.town.CreateCollection(ctx, tx, communities.Collecting{By: w.anna.ID, Name: &name, Description: &about, Tag: &tag, Language: &tongue})
			if err == nil {
				item, err = w.town.Feature(ctx, tx, communities.Featuring{By: w.anna.ID, Collection: c.ID, Whom: w.kees.ID})
			}
			if err == nil {
				_, err = w.town.Feature(ctx, tx, communities.Featuring{By: w.anna.ID, Collection: c.ID, Whom: w.group.ID})
			}
			return err
		})
		uri := w.town.Collection(w.anna, c.ID)
		path := strings.TrimPrefix(uri, townBase)
		word := w.town.FeatureAuthorization(w.kees, item.ID)
		document := w.read(path)
		for _, part := range []string{
			`"id":"` + uri + `"`, `"type":"FeaturedCollection"`, `"attributedTo":"` + w.anna.URI + `"`, `"summaryMap":{"nl":"Wie u moet kennen"}`,
			`"topic":{"type":"Hashtag"`, `"totalItems":2`, `"featuredObject":"` + w.kees.URI + `","featureAuthorization":"` + word + `"`,
			`"featuredObject":"` + w.group.URI + `"`, `"FeaturedItem":"https://w3id.org/fep/7aa9#FeaturedItem"`,
		} {
			if !strings.Contains(document, part) {
				t.Errorf("the document lacks %s: %s", part, document)
			}
		}
		if list := w.read("/u/anna/collections"); !strings.Contains(list, uri) || !strings.Contains(w.read("/u/anna"), `"featuredCollections":"`+townBase+`/u/anna/collections"`) {
			t.Errorf("the list: %s", list)
		}
		said := w.read(strings.TrimPrefix(word, townBase))
		if !strings.Contains(said, `"interactingObject":"`+uri+`","interactionTarget":"`+w.kees.URI+`"`) {
			t.Errorf("kees says: %s", said)
		}
		if n := w.count("activities WHERE kind = ?", "Add"); n != 3 {
			t.Errorf("%d Adds", n)
		}

		revoke := communities.Featuring{By: w.kees.ID, Collection: c.ID, Item: item.ID}
		w.write(func(ctx context.Context, tx communities.Tx) error { return w.town.RevokeFeature(ctx, tx, revoke) })
		if document := w.read(path); strings.Contains(document, w.kees.URI) || !strings.Contains(document, `"totalItems":1`) {
			t.Errorf("kees is still in it: %s", document)
		}
		for _, gone := range []string{strings.TrimPrefix(word, townBase), strings.Replace(path, "anna", "kees", 1)} {
			answer, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, townBase+gone, nil)
			request.Header.Set("Accept", wire.MediaType)
			if w.routes.ServeHTTP(answer, request); answer.Code != http.StatusNotFound {
				t.Errorf("%s: %d", gone, answer.Code)
			}
		}
		w.write(func(ctx context.Context, tx communities.Tx) error {
			name := "De buurt"
			if _, err := w.town.EditCollection(ctx, tx, communities.Collecting{By: w.anna.ID, Collection: c.ID, Name: &name}); err != nil {
				return err
			}
			return w.town.DeleteCollection(ctx, tx, communities.Collecting{By: w.anna.ID, Collection: c.ID})
		})
		if updates, removes := w.count("activities WHERE kind = ?", "Update"), w.count("activities WHERE kind = ?", "Remove"); updates != 1 || removes != 2 {
			t.Errorf("%d Updates, %d Removes", updates, removes)
		}
	})
}
