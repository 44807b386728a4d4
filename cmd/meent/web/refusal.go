package web

import "meent/communities"

// refusal says in the language of the page why the town refused something.
func (c *catalogue) refusal(e *communities.Error) string { return c.words.Refusal(e) }
