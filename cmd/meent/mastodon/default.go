package mastodon

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
)

// Where the pictures are of those who have none. Apps cannot do without: avatar and header are never null.
const (
	avatarPath = "/avatars/original/missing.png"
	headerPath = "/headers/original/missing.png"
)

const (
	avatarSize   = 120 // pixels
	headerWidth  = 600
	headerHeight = 200
)

// colours are those of the paper and the ink.
var colours = []color.Color{color.RGBA{R: 0xe7, G: 0xec, B: 0xef, A: 0xff}, color.RGBA{R: 0x5c, G: 0x75, B: 0x84, A: 0xff}}

// drawDefaults makes them: head and shoulders, and a plain field.
func drawDefaults() (avatar, header []byte, err error) {
	if avatar, err = encode(person()); err != nil {
		return nil, nil, err
	}
	field := image.NewPaletted(image.Rect(0, 0, headerWidth, headerHeight), colours)
	header, err = encode(field)
	return avatar, header, err
}

func person() image.Image {
	const half = avatarSize / 2
	picture := image.NewPaletted(image.Rect(0, 0, avatarSize, avatarSize), colours)
	for y := range avatarSize {
		for x := range avatarSize {
			head := square(x-half) + square(y-avatarSize*2/5)
			body := square(x-half) + square(y-avatarSize*11/10)
			if head < square(avatarSize/5) || body < square(avatarSize*2/5) {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	return picture
}

func square(n int) int { return n * n }

func encode(picture image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return b.Bytes(), nil
}

// picture is an answer.
type picture []byte

func (p picture) write(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, err := w.Write(p)
	return err
}

func (a *API) defaultAvatar(*call) (any, error) { return picture(a.avatar), nil }
func (a *API) defaultHeader(*call) (any, error) { return picture(a.header), nil }
