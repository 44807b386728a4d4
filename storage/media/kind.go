package media

import (
	"bytes"
	"encoding/binary"
	"strings"

	"meent/communities"
)

// Kind is what a file is, as its first bytes say: its media type.
type Kind string

// The kinds that are read. What people are shown is one of these as well.
const (
	jpegKind Kind = "image/jpeg"
	pngKind  Kind = "image/png"
	gifKind  Kind = "image/gif"
	webpKind Kind = "image/webp"
	mp4Kind  Kind = "video/mp4"
	movKind  Kind = "video/quicktime"
	webmKind Kind = "video/webm"
	m4aKind  Kind = "audio/mp4"
	mp3Kind  Kind = "audio/mpeg"
	oggKind  Kind = "audio/ogg"
	flacKind Kind = "audio/flac"
	wavKind  Kind = "audio/wav"
)

// kinds tells how the name of a file of each kind ends, and what ffmpeg calls its container; that has no name for pictures, which it never gets.
var kinds = []struct {
	kind         Kind
	ext, demuxer string
}{
	{jpegKind, ".jpg", ""},
	{pngKind, ".png", ""},
	{gifKind, ".gif", ""},
	{webpKind, ".webp", ""},
	{mp4Kind, ".mp4", "mov"},
	{movKind, ".mov", "mov"},
	{webmKind, ".webm", "matroska"},
	{m4aKind, ".m4a", "mov"},
	{mp3Kind, ".mp3", "mp3"},
	{oggKind, ".ogg", "ogg"},
	{flacKind, ".flac", "flac"},
	{wavKind, ".wav", "wav"},
}

// class is image, video or audio.
func (k Kind) class() string {
	class, _, _ := strings.Cut(string(k), "/")
	return class
}

func (k Kind) isPicture() bool { return k.class() == "image" }

func (k Kind) ext() string {
	for _, row := range kinds {
		if row.kind == k {
			return row.ext
		}
	}
	return ""
}

func (k Kind) demuxer() string {
	for _, row := range kinds {
		if row.kind == k {
			return row.demuxer
		}
	}
	return ""
}

// kindOf finds the kind of a file by the end of its name, which was made here.
func kindOf(ext string) (Kind, bool) {
	for _, row := range kinds {
		if row.ext == ext {
			return row.kind, true
		}
	}
	return "", false
}

// sniffed is how many bytes tell what a file is.
const sniffed = 64

// The texts are those that people read in their app.
var (
	errUnknownKind = communities.Invalidf("This node takes JPEG, PNG, GIF and WebP pictures; this file is none of them")
	errHEIF        = communities.Invalidf("This node cannot read HEIC and AVIF pictures; save it as JPEG and try again")
	errNoFilms     = communities.Invalidf("This node takes no video or sound; try a picture")
)

// Sniff tells what a file is by its first bytes, whatever its name says (SECURITY D11, H13). What is not known is refused, in words for people.
func Sniff(head []byte) (Kind, error) {
	for _, s := range signatures {
		if len(head) >= s.at+len(s.bytes) && bytes.Equal(head[s.at:s.at+len(s.bytes)], []byte(s.bytes)) && (s.inner == "" || riff(head) == s.inner) {
			return s.kind, nil
		}
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		return brand(head)
	}
	if len(head) > 2 && head[0] == 0xff && binary.BigEndian.Uint16(head)&0xffe6 == 0xffe2 { // a frame of MPEG audio, layer III
		return mp3Kind, nil
	}
	return "", errUnknownKind
}

var signatures = []struct {
	at    int
	bytes string
	inner string // of a RIFF file
	kind  Kind
}{
	{0, "\xff\xd8\xff", "", jpegKind},
	{0, "\x89PNG\r\n\x1a\n", "", pngKind},
	{0, "GIF87a", "", gifKind},
	{0, "GIF89a", "", gifKind},
	{0, "RIFF", "WEBP", webpKind},
	{0, "RIFF", "WAVE", wavKind},
	{0, "\x1a\x45\xdf\xa3", "", webmKind},
	{0, "OggS", "", oggKind},
	{0, "fLaC", "", flacKind},
	{0, "ID3", "", mp3Kind},
}

func riff(head []byte) string {
	if len(head) < 12 {
		return ""
	}
	return string(head[8:12])
}

// brand tells the files apart that ISO/IEC 14496-12 gives a brand.
func brand(head []byte) (Kind, error) {
	switch string(head[8:12]) {
	case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis":
		return "", errHEIF
	case "M4A ", "M4B ":
		return m4aKind, nil
	case "qt  ":
		return movKind, nil
	}
	return mp4Kind, nil
}
