package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"meent/communities"
)

// How large a picture can be, before anything of it is decoded (SECURITY D16, D18, D19).
const (
	MaxPixels      = 40_000_000  // of a picture that is read
	maxFrames      = 500         // of an animation
	maxFramePixels = 100_000_000 // of all frames together
)

var (
	errTooManyPixels = communities.Invalidf("This picture is too large: it can have %d million pixels", MaxPixels/1_000_000)
	errTooManyFrames = communities.Invalidf("This animation is too long: it can have %d frames", maxFrames)
	errBroken        = communities.Invalidf("This file cannot be read; it may be damaged")
	errAnimatedWebP  = communities.Invalidf("This node cannot read animated WebP pictures; save it as GIF and try again")
)

// codec reads one kind of picture.
type codec struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var codecs = map[Kind]codec{
	jpegKind: {jpeg.DecodeConfig, jpeg.Decode},
	pngKind:  {png.DecodeConfig, png.Decode},
	gifKind:  {gif.DecodeConfig, gif.Decode},
	webpKind: {webp.DecodeConfig, webp.Decode},
}

// header is what a picture says of itself before it is decoded.
type header struct {
	width, height int
	frames        int
}

// readHeader measures a picture and refuses one that is too large. It decodes nothing and allocates next to nothing.
func readHeader(kind Kind, content []byte) (header, error) {
	h := header{frames: 1}
	switch kind {
	case gifKind:
		if err := h.walkGIF(content); err != nil {
			return h, err
		}
	case webpKind:
		if err := h.walkWebP(content); err != nil {
			return h, err
		}
	default:
		config, err := codecs[kind].config(bytes.NewReader(content))
		if err != nil {
			return h, errBroken
		}
		h.width, h.height = config.Width, config.Height
	}
	return h, h.check()
}

func (h header) check() error {
	switch {
	case h.width <= 0 || h.height <= 0:
		return errBroken
	case int64(h.width)*int64(h.height) > MaxPixels:
		return errTooManyPixels
	}
	return nil
}

// walkGIF counts the frames and their pixels by the blocks of the file (GIF89a, 20 to 26), without unpacking one.
func (h *header) walkGIF(content []byte) error {
	const head, descriptor = 13, 9
	if len(content) < head {
		return errBroken
	}
	h.width, h.height = int(binary.LittleEndian.Uint16(content[6:])), int(binary.LittleEndian.Uint16(content[8:]))
	at := head + colours(content[10])
	h.frames = 0
	for pixels := int64(0); at < len(content); {
		switch block := content[at]; block {
		case ';':
			return h.someFrames()
		case '!':
			at = skipBlocks(content, at+2)
		case ',':
			if at+1+descriptor > len(content) {
				return errBroken
			}
			frame := content[at+1:]
			pixels += int64(binary.LittleEndian.Uint16(frame[4:])) * int64(binary.LittleEndian.Uint16(frame[6:]))
			if h.frames++; h.frames > maxFrames || pixels > maxFramePixels {
				return errTooManyFrames
			}
			at = skipBlocks(content, at+1+descriptor+colours(frame[8])+1)
		default:
			return errBroken
		}
	}
	return h.someFrames() // many files lack the end
}

func (h *header) someFrames() error {
	if h.frames == 0 {
		return errBroken
	}
	return nil
}

// colours is how many bytes a table of colours has, by the flags that announce it.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipBlocks finds the end of a chain of blocks, each with its length before it.
func skipBlocks(content []byte, at int) int {
	for at < len(content) && content[at] != 0 {
		at += 1 + int(content[at])
	}
	return at + 1
}

// walkWebP measures what every chunk announces (RFC 9649): a small canvas may hold a picture that says it is a thousand times as large.
func (h *header) walkWebP(content []byte) error {
	for rest := content[min(12, len(content)):]; len(rest) >= 8; {
		id, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		if size > int64(len(body)) {
			return errBroken
		}
		if err := h.measure(id, body[:size]); err != nil {
			return err
		}
		rest = body[min(size+size&1, int64(len(body))):]
	}
	return nil
}

func (h *header) measure(chunk string, body []byte) error {
	var width, height int
	switch {
	case chunk == "ANIM" || chunk == "ANMF":
		return errAnimatedWebP
	case chunk == "VP8X" && len(body) >= 10:
		width, height = 1+(int(body[4])|int(body[5])<<8|int(body[6])<<16), 1+(int(body[7])|int(body[8])<<8|int(body[9])<<16)
	case chunk == "VP8 " && len(body) >= 10:
		width, height = int(binary.LittleEndian.Uint16(body[6:])&0x3fff), int(binary.LittleEndian.Uint16(body[8:])&0x3fff)
	case chunk == "VP8L" && len(body) >= 5:
		bits := binary.LittleEndian.Uint32(body[1:])
		width, height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
	default:
		return nil
	}
	if h.width != 0 && (h.width != width || h.height != height) {
		return errBroken
	}
	h.width, h.height = width, height
	return h.check()
}
