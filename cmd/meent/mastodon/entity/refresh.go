package entity

// AsyncRefresh is how far a look for more results is (methods/async_refreshes).
type AsyncRefresh struct {
	ID          string `json:"id"`
	Status      string `json:"status"` // running, finished
	ResultCount int    `json:"result_count"`
}

// AsyncRefreshAnswer is the envelope of an [AsyncRefresh].
type AsyncRefreshAnswer struct {
	AsyncRefresh AsyncRefresh `json:"async_refresh"`
}
