package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every pair of colours that meets on a page can be told apart, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11).
func TestColoursContrast(t *testing.T) {
	t.Parallel()
	style, err := assetFiles.ReadFile("asset/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(style), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("there is no dark form")
	}
	const text, control = 4.5, 3
	for name, colours := range map[string]map[string]string{"light": colours(light), "dark": colours(dark)} {
		for _, pair := range []struct {
			ink, ground string
			least       float64
		}{
			{"ink", "paper", text},
			{"ink", "ground", text},
			{"ink", "tint", text},
			{"ink", "warm-tint", text},
			{"soft", "paper", text},
			{"soft", "ground", text},
			{"accent", "paper", text},
			{"accent", "ground", text},
			{"accent", "tint", text},
			{"on-accent", "accent", text},
			{"warm", "warm-tint", text},
			{"control", "paper", control},
			{"focus", "paper", control},
			{"focus", "ground", control},
			{"focus", "tint", control},
		} {
			if got := contrast(t, colours[pair.ink], colours[pair.ground]); got < pair.least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, less than %.1f", name, pair.ink, pair.ground, got, pair.least)
			}
		}
	}
}

func colours(style string) map[string]string {
	named := map[string]string{}
	for _, match := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(style, -1) {
		named[match[1]] = match[2]
	}
	return named
}

// contrast is the ratio of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != len("#rrggbb") {
		t.Fatalf("%q is not a colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		part := float64(n) / math.MaxUint8
		if part <= 0.04045 {
			sum += weight * part / 12.92
		} else {
			sum += weight * math.Pow((part+0.055)/1.055, 2.4)
		}
	}
	return sum
}
