package fetch

import (
	"context"
	"fmt"
)

// Ask posts body to a service, which the settings of the node name, and returns what it answers with a status in the 200s; any other is a
// *StatusError. The rules for addresses, sizes and time are those of every request; redirects are not followed. What was asked is sent once.
func (c *Client) Ask(ctx context.Context, rawURL string, body []byte, contentType string, sign Sign) (*Response, error) {
	response, err := c.ask(ctx, rawURL, body, contentType, sign)
	if err != nil {
		return nil, fmt.Errorf("ask %.200s: %w", rawURL, err)
	}
	return response, nil
}

func (c *Client) ask(ctx context.Context, rawURL string, body []byte, contentType string, sign Sign) (*Response, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	request, err := c.postRequest(ctx, rawURL, body, contentType)
	if err != nil {
		return nil, err
	}
	request.Header.Del("Idempotency-Key") // to ask twice costs the node, see [Client.Post]
	request.Header.Del("Accept-Encoding")
	request.Header.Set("Accept", "application/json")
	response, err := c.send(request, body, sign)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() // read-only: nothing to lose
	answer, err := c.read(response)
	if err != nil {
		return nil, because(ctx, err)
	}
	answer.FinalURL = request.URL.String()
	return answer, nil
}
