package entity

// Filter hides or warns of statuses with certain words (entities/Filter).
type Filter struct {
	FilterHead
	Keywords []FilterKeyword `json:"keywords"`
	Statuses []FilterStatus  `json:"statuses"`
}

// FilterHead is a filter without what it looks for, as a [FilterResult] names it.
type FilterHead struct {
	ID           ID       `json:"id"`
	Title        string   `json:"title"`
	Context      []string `json:"context"`
	ExpiresAt    *Time    `json:"expires_at"`
	FilterAction string   `json:"filter_action"`
}

// FilterKeyword is a word that a filter looks for (entities/FilterKeyword).
type FilterKeyword struct {
	ID        ID     `json:"id"`
	Keyword   string `json:"keyword"`
	WholeWord bool   `json:"whole_word"`
}

// FilterStatus is a status that a filter holds (entities/FilterStatus).
type FilterStatus struct {
	ID       ID `json:"id"`
	StatusID ID `json:"status_id"`
}

// FilterResult tells why a status was filtered (entities/FilterResult).
type FilterResult struct {
	Filter         FilterHead `json:"filter"`
	KeywordMatches []string   `json:"keyword_matches"`
	StatusMatches  []ID       `json:"status_matches"`
}

// V1Filter is one word of a filter, as apps saw it before version 4 (entities/V1_Filter).
type V1Filter struct {
	ID           ID       `json:"id"`
	Phrase       string   `json:"phrase"`
	Context      []string `json:"context"`
	ExpiresAt    *Time    `json:"expires_at"`
	Irreversible bool     `json:"irreversible"`
	WholeWord    bool     `json:"whole_word"`
}
