package wire

// Collection is a collection or one page of it, ordered or not.
type Collection struct {
	ID   string
	Type string
	// TotalItems counts the whole collection, not this page.
	TotalItems    int
	HasTotalItems bool
	// First, Next, Prev and Last are page ids. A page that is embedded as
	// "first" is in FirstPage.
	First, Next, Prev, Last, PartOf string
	FirstPage                       *Collection
	// AttributedTo owns the collection: for a thread, the group (FEP-11dd).
	AttributedTo string
	Name         string
	Items        []Reference
	Raw          []byte
}
