package text

import "testing"

func TestPointsBack(t *testing.T) {
	t.Parallel()
	const profile = "https://dorp.example/u/anna"
	for page, want := range map[string]bool{
		`<a rel="me" href="https://dorp.example/u/anna">ik</a>`:                      true,
		`<a href="https://DORP.example/u/anna/" rel="nofollow ME noopener">ik</a>`:   true,
		`<html><head><link rel=me href=https://dorp.example/u/anna></head>`:          true,
		`<a href="https://dorp.example/u/anna">ik</a>`:                               false,
		`<a rel="me" href="https://dorp.example/u/bert">ik</a>`:                      false,
		`<a rel="me" href="https://dorp.example/u/anna?x=1">ik</a>`:                  false,
		`<a rel="me" href="http://dorp.example/u/anna">ik</a>`:                       false,
		`<a rel="me" href="https://dorp.example@evil.example/u/anna">ik</a>`:         false,
		`<a rel="home" href="https://dorp.example/u/anna">ik</a>`:                    false,
		`<!-- <a rel="me" href="https://dorp.example/u/anna">ik</a> -->`:             false,
		`<script>"<a rel='me' href='https://dorp.example/u/anna'>"</script>`:         false,
		`<textarea><a rel="me" href="https://dorp.example/u/anna">ik</a></textarea>`: false,
		`<img rel="me" href="https://dorp.example/u/anna">`:                          false,
		`<a rel="me" href="/u/anna">op de eigen site</a>`:                            false,
		`kapot < a rel="me" <a<a rel='me' href='https://dorp.example/u/anna'`:        false,
	} {
		if got := PointsBack([]byte(page), "https://site.example/", profile); got != want {
			t.Errorf("%s: %v", page, got)
		}
	}
}
