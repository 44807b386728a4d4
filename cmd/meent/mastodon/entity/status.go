package entity

// Status is a post or a boost (entities/Status).
type Status struct {
	ID                 ID              `json:"id"`
	URI                string          `json:"uri"`
	URL                *string         `json:"url"`
	CreatedAt          Time            `json:"created_at"`
	EditedAt           *Time           `json:"edited_at"`
	Account            Account         `json:"account"`
	Content            string          `json:"content"` // HTML; empty in a boost, else apps draw the post twice
	Text               *string         `json:"text,omitempty"`
	Visibility         string          `json:"visibility"`
	Sensitive          bool            `json:"sensitive"`
	SpoilerText        string          `json:"spoiler_text"`
	MediaAttachments   []Attachment    `json:"media_attachments"`
	Application        *StatusApp      `json:"application"`
	Mentions           []Mention       `json:"mentions"`
	Tags               []StatusTag     `json:"tags"`
	Emojis             []Emoji         `json:"emojis"`
	RepliesCount       int             `json:"replies_count"`
	ReblogsCount       int             `json:"reblogs_count"`
	FavouritesCount    int             `json:"favourites_count"`
	QuotesCount        int             `json:"quotes_count"`
	InReplyToID        *ID             `json:"in_reply_to_id"`
	InReplyToAccountID *ID             `json:"in_reply_to_account_id"`
	Reblog             *Status         `json:"reblog"`
	Poll               *Poll           `json:"poll"`
	Card               *Card           `json:"card"`
	Language           *string         `json:"language"`
	Quote              Quoted          `json:"quote"`
	QuoteApproval      QuoteApproval   `json:"quote_approval"`
	TaggedCollections  []Collection    `json:"tagged_collections"`
	*Standing                          // what the viewer has done with it
	Filtered           *[]FilterResult `json:"filtered,omitempty"`
}

// Standing is how the viewer stands to a status; without a person there is none.
type Standing struct {
	Favourited bool  `json:"favourited"`
	Reblogged  bool  `json:"reblogged"`
	Muted      bool  `json:"muted"`
	Bookmarked bool  `json:"bookmarked"`
	Pinned     *bool `json:"pinned,omitempty"` // where the viewer could pin it
}

// StatusApp is the program that a status was written with.
type StatusApp struct {
	Name    string  `json:"name"`
	Website *string `json:"website"`
}

// Mention is somebody named in a status (entities/Status, Mention).
type Mention struct {
	ID       ID     `json:"id"`
	Username string `json:"username"`
	URL      string `json:"url"`
	Acct     string `json:"acct"`
}

// StatusTag is a hashtag in a status (entities/Status, Tag).
type StatusTag struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Quoted is what a status shows within: a [Quote] or, in one that is itself quoted, a [ShallowQuote].
type Quoted interface{ quoted() }

// Quote is a status within a status (entities/Quote).
type Quote struct {
	State        string  `json:"state"`
	QuotedStatus *Status `json:"quoted_status"`
}

// ShallowQuote is a status within a status that is quoted itself (entities/ShallowQuote).
type ShallowQuote struct {
	State          string `json:"state"`
	QuotedStatusID *ID    `json:"quoted_status_id"`
}

func (*Quote) quoted()        {}
func (*ShallowQuote) quoted() {}

// QuoteApproval is who may quote a status (entities/QuoteApproval).
type QuoteApproval struct {
	Automatic   []string `json:"automatic"`
	Manual      []string `json:"manual"`
	CurrentUser string   `json:"current_user"`
}

// Card is a preview of a link (entities/PreviewCard).
type Card struct {
	URL              string       `json:"url"`
	Title            string       `json:"title"`
	Description      string       `json:"description"`
	Language         *string      `json:"language"`
	Type             string       `json:"type"`
	Authors          []CardAuthor `json:"authors"`
	AuthorName       string       `json:"author_name"`
	AuthorURL        string       `json:"author_url"`
	ProviderName     string       `json:"provider_name"`
	ProviderURL      string       `json:"provider_url"`
	HTML             string       `json:"html"`
	Width            int          `json:"width"`
	Height           int          `json:"height"`
	Image            *string      `json:"image"`
	ImageDescription string       `json:"image_description"`
	EmbedURL         string       `json:"embed_url"`
	Blurhash         *string      `json:"blurhash"`
	PublishedAt      *Time        `json:"published_at"`
}

// CardAuthor is who wrote what a card shows.
type CardAuthor struct {
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Account *Account `json:"account"`
}

// Context is what stands above and below a status in its thread (entities/Context).
type Context struct {
	Ancestors   []Status `json:"ancestors"`
	Descendants []Status `json:"descendants"`
}

// StatusSource is a status as its author typed it (entities/StatusSource).
type StatusSource struct {
	ID          ID     `json:"id"`
	Text        string `json:"text"`
	SpoilerText string `json:"spoiler_text"`
}

// StatusEdit is one version of a status (entities/StatusEdit).
type StatusEdit struct {
	Content          string       `json:"content"`
	SpoilerText      string       `json:"spoiler_text"`
	Sensitive        bool         `json:"sensitive"`
	CreatedAt        Time         `json:"created_at"`
	Account          Account      `json:"account"`
	Poll             *EditPoll    `json:"poll,omitempty"`
	MediaAttachments []Attachment `json:"media_attachments"`
	Emojis           []Emoji      `json:"emojis"`
	Quote            Quoted       `json:"quote"`
}

// EditPoll is a poll as a version of a status had it.
type EditPoll struct {
	Options []EditOption `json:"options"`
}

// EditOption is an answer of an [EditPoll].
type EditOption struct {
	Title string `json:"title"`
}
