package text

import "golang.org/x/text/language"

// Language returns the canonical form of a BCP 47 tag, such as nl, fy or pt-BR; empty for what is no tag or names no
// language (und, mul).
func Language(tag string) string {
	const longest = 35 // RFC 5646 4.4.1
	if len(tag) > longest {
		return ""
	}
	parsed, err := language.Parse(tag)
	if err != nil || parsed == language.Und {
		return ""
	}
	if base, confidence := parsed.Base(); confidence == language.No || base.String() == "mul" {
		return ""
	}
	return parsed.String()
}
