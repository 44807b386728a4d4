package entity

// PrivacyPolicy is a text of the node with its date (entities/PrivacyPolicy).
type PrivacyPolicy struct {
	UpdatedAt Time   `json:"updated_at"`
	Content   string `json:"content"` // HTML
}

// TermsOfService are the terms that hold from a day on (entities/TermsOfService). Both days are dates.
type TermsOfService struct {
	EffectiveDate string  `json:"effective_date"`
	Effective     bool    `json:"effective"`
	Content       string  `json:"content"` // HTML
	SucceededBy   *string `json:"succeeded_by"`
}

// Language is one that the pages speak: code and its own name.
type Language struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// WeekActivity is what happened in a week (methods/instance, activity). All are numbers in strings.
type WeekActivity struct {
	Week          string `json:"week"` // seconds since 1970
	Statuses      string `json:"statuses"`
	Logins        string `json:"logins"`
	Registrations string `json:"registrations"`
}

// AnnualReports wraps the reports of years, of which this node makes none (entities/AnnualReport).
type AnnualReports struct {
	AnnualReports []Empty   `json:"annual_reports"`
	Accounts      []Account `json:"accounts"`
	Statuses      []Status  `json:"statuses"`
}

// AnnualReportState tells whether there is one.
type AnnualReportState struct {
	State string `json:"state"`
}

// OEmbed is how a post is shown on other sites (https://oembed.com/, 2.3).
type OEmbed struct {
	Type         string  `json:"type"`
	Version      string  `json:"version"`
	Title        string  `json:"title"`
	AuthorName   string  `json:"author_name"`
	AuthorURL    string  `json:"author_url"`
	ProviderName string  `json:"provider_name"`
	ProviderURL  string  `json:"provider_url"`
	CacheAge     int     `json:"cache_age"` // seconds
	HTML         string  `json:"html"`
	Width        int     `json:"width"`
	Height       *string `json:"height"`
}

// TrendingLink is an address that people share (entities/PreviewCard, Trends::Link).
type TrendingLink struct {
	URL              string       `json:"url"`
	Title            string       `json:"title"`
	Description      string       `json:"description"`
	Type             string       `json:"type"`
	Language         *string      `json:"language"`
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
	Authors          []Empty      `json:"authors"`
	History          []TagHistory `json:"history"`
}

// Health says that the node answers.
type Health struct {
	Status string `json:"status"`
}
