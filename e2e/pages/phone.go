//go:build unix

package pages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"meent/e2e/node"
)

// Phone is somebody's app: by it comes to a node what its pages have no form for.
type Phone struct {
	node  *node.Node
	token string
}

// Phone gives a person of the fair an app.
func (f *Fair) Phone(ctx context.Context, who string) (*Phone, error) {
	token, err := f.Node.Run(ctx, "token", "create", "--person", who, "--scopes", "read write")
	return &Phone{f.Node, strings.TrimSpace(token)}, err
}

// Send posts fields and reads the answer.
func (p *Phone) Send(ctx context.Context, path string, fields url.Values, answer any) error {
	return p.call(ctx, http.MethodPost, path, strings.NewReader(fields.Encode()), "application/x-www-form-urlencoded", answer)
}

// Read asks for what is at a path.
func (p *Phone) Read(ctx context.Context, path string, answer any) error {
	return p.call(ctx, http.MethodGet, path, http.NoBody, "", answer)
}

// Give uploads a file with words for who cannot see it, waits until it can be shown, and returns its id.
func (p *Phone) Give(ctx context.Context, file []byte, words string) (id string, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "file")
	if err != nil {
		return "", err
	}
	if _, err := part.Write(file); err != nil {
		return "", err
	}
	if err := form.WriteField("description", words); err != nil {
		return "", err
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	var made struct{ ID, URL string }
	if err := p.call(ctx, http.MethodPost, "/api/v2/media", &body, form.FormDataContentType(), &made); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = node.Await(ctx, "a file can be shown", func() bool {
		return made.URL != "" || p.Read(ctx, "/api/v1/media/"+made.ID, &made) == nil && made.URL != ""
	})
	return made.ID, err
}

func (p *Phone) call(ctx context.Context, method, path string, body io.Reader, mediaType string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, p.node.Base+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	got, err := p.node.Client.Do(request)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if got.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, path, got.Status, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: %w in %s", method, path, err, text)
	}
	return nil
}
