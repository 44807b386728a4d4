package mail

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	text "text/template"
	"time"
)

//go:embed locale/*.json
var locales embed.FS

//go:embed template/letter.*
var templates embed.FS

// languages are those that letters speak; the first is for whoever asks for none of them.
var languages = []string{"nl", "en"}

// words are what letters say, in one language.
type words struct {
	lang  string
	texts map[string]string
}

func readWords() (map[string]words, error) {
	all := map[string]words{}
	for _, lang := range languages {
		file, err := locales.ReadFile("locale/" + lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("read the words of letters: %w", err)
		}
		w := words{lang: lang}
		if err := json.Unmarshal(file, &w.texts); err != nil {
			return nil, fmt.Errorf("read the words of letters in %s: %w", lang, err)
		}
		all[lang] = w
	}
	return all, nil
}

// pages are the two forms of a letter.
type pages struct {
	plain *text.Template
	html  *template.Template
}

func readPages() (p pages, err error) {
	if p.plain, err = text.ParseFS(templates, "template/letter.txt"); err != nil {
		return p, fmt.Errorf("read the form of letters: %w", err)
	}
	if p.html, err = template.ParseFS(templates, "template/letter.html"); err != nil {
		return p, fmt.Errorf("read the form of letters: %w", err)
	}
	return p, nil
}

// sheet is what the forms are filled with.
type sheet struct {
	Lang, Subject, Greeting, Text, Go, Link, Until, Ignore, Node, URL string
}

// speech returns the words for a language tag.
func (m *Mailer) speech(language string) words {
	base, _, _ := strings.Cut(language, "-")
	if w, spoken := m.words[strings.ToLower(base)]; spoken {
		return w
	}
	return m.words[languages[0]]
}

// say fills the node's name in.
func (m *Mailer) say(w words, key string) (string, error) {
	words, known := w.texts[key]
	if !known {
		return "", fmt.Errorf("letters have no words for %q in %s", key, w.lang)
	}
	return strings.ReplaceAll(words, "{node}", m.settings.Name), nil
}

func (m *Mailer) draw(l Letter) (plain, html, subject string, err error) {
	w := m.speech(l.Language)
	s := sheet{Lang: w.lang, Link: l.Link, Node: m.settings.Name, URL: m.settings.URL}
	for key, to := range map[string]*string{
		l.About + ".subject": &s.Subject, l.About + ".text": &s.Text, l.About + ".go": &s.Go, "greeting": &s.Greeting, "ignore": &s.Ignore,
	} {
		if *to, err = m.say(w, key); err != nil {
			return "", "", "", err
		}
	}
	s.Greeting = strings.ReplaceAll(s.Greeting, "{name}", l.Name)
	if !l.Until.IsZero() {
		s.Until = strings.ReplaceAll(w.texts["until"], "{until}", l.Until.UTC().Format(time.RFC1123))
	}
	var a, b bytes.Buffer
	if err := m.pages.plain.Execute(&a, s); err != nil {
		return "", "", "", err
	}
	if err := m.pages.html.Execute(&b, s); err != nil {
		return "", "", "", err
	}
	return a.String(), b.String(), s.Subject, nil
}
