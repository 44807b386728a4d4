package entity

// Collection is a set of accounts that somebody recommends to follow (entities/Collection).
type Collection struct {
	ID           ID               `json:"id"`
	AccountID    ID               `json:"account_id"`
	URI          string           `json:"uri"`
	URL          *string          `json:"url"`
	Name         string           `json:"name"`
	Description  string           `json:"description"`
	Language     *string          `json:"language"`
	Local        bool             `json:"local"`
	Sensitive    bool             `json:"sensitive"`
	Discoverable bool             `json:"discoverable"`
	Tag          *ShallowTag      `json:"tag"`
	ItemCount    int              `json:"item_count"`
	Items        []CollectionItem `json:"items"`
	CreatedAt    Time             `json:"created_at"`
	UpdatedAt    Time             `json:"updated_at"`
}

// CollectionItem is one who is recommended (entities/CollectionItem).
type CollectionItem struct {
	ID        ID     `json:"id"`
	AccountID *ID    `json:"account_id"`
	State     string `json:"state"`
	CreatedAt Time   `json:"created_at"`
}

// ShallowTag is a hashtag and nothing more (entities/ShallowTag).
type ShallowTag struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// WrappedCollection is one collection (entities/Collection, WrappedCollection).
type WrappedCollection struct {
	Collection Collection `json:"collection"`
}

// WrappedCollectionItem is one item (entities/CollectionItem, WrappedCollectionItem).
type WrappedCollectionItem struct {
	Item CollectionItem `json:"collection_item"`
}

// Collections is a page of collections (entities/Collection, Collections).
type Collections struct {
	Collections []Collection `json:"collections"`
}

// CollectionWithAccounts is a collection with its owner and everybody in it (entities/CollectionWithAccounts).
type CollectionWithAccounts struct {
	Accounts   []Account  `json:"accounts"`
	Collection Collection `json:"collection"`
}

// FeatureApproval says who may put an account into a collection (entities/FeatureApproval).
type FeatureApproval struct {
	Automatic   []string `json:"automatic"`
	Manual      []string `json:"manual"`
	CurrentUser string   `json:"current_user"`
}
