package entity

// TranslatedStatus is a status in another language, made by a machine (entities/Translation).
type TranslatedStatus struct {
	Content          string                  `json:"content"` // HTML
	SpoilerText      string                  `json:"spoiler_text"`
	Language         string                  `json:"language"`
	Poll             *TranslatedPoll         `json:"poll"`
	MediaAttachments []TranslatedDescription `json:"media_attachments"`
	DetectedLanguage string                  `json:"detected_source_language"`
	Provider         string                  `json:"provider"`
}

// TranslatedPoll is the poll of a [TranslatedStatus].
type TranslatedPoll struct {
	ID      ID           `json:"id"`
	Options []EditOption `json:"options"`
}

// TranslatedDescription says what is to be seen in a file, in another language.
type TranslatedDescription struct {
	ID          ID     `json:"id"`
	Description string `json:"description"`
}
