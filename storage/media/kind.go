package media

import (
	"bytes"
	"encoding/binary"

	"meent/communities"
)

// Kind is what a file is, as its first bytes say.
type Kind struct {
	Class     string // image, video or audio
	MediaType string
	Ext       string // with its dot
	demuxer   string // ffmpeg's name of the container; "" for pictures
}

// The kinds that are read. What people are shown is one of these as well.
var (
	jpegKind = Kind{"image", "image/jpeg", ".jpg", ""}
	pngKind  = Kind{"image", "image/png", ".png", ""}
	gifKind  = Kind{"image", "image/gif", ".gif", ""}
	webpKind = Kind{"image", "image/webp", ".webp", ""}

	mp4Kind  = Kind{"video", "video/mp4", ".mp4", "mov"}
	movKind  = Kind{"video", "video/quicktime", ".mov", "mov"}
	webmKind = Kind{"video", "video/webm", ".webm", "matroska"}
	m4aKind  = Kind{"audio", "audio/mp4", ".m4a", "mov"}
	mp3Kind  = Kind{"audio", "audio/mpeg", ".mp3", "mp3"}
	oggKind  = Kind{"audio", "audio/ogg", ".ogg", "ogg"}
	flacKind = Kind{"audio", "audio/flac", ".flac", "flac"}
	wavKind  = Kind{"audio", "audio/wav", ".wav", "wav"}
)

var (
	pictures = []Kind{jpegKind, pngKind, gifKind, webpKind}
	films    = []Kind{mp4Kind, movKind, webmKind, m4aKind, mp3Kind, oggKind, flacKind, wavKind}
	shown    = append(append([]Kind{}, pictures...), films...)
)

// kindOf finds the kind of a file by the end of its name, which was made here.
func kindOf(ext string) (Kind, bool) {
	for _, kind := range shown {
		if kind.Ext == ext {
			return kind, true
		}
	}
	return Kind{}, false
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
	return Kind{}, errUnknownKind
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
		return Kind{}, errHEIF
	case "M4A ", "M4B ":
		return m4aKind, nil
	case "qt  ":
		return movKind, nil
	}
	return mp4Kind, nil
}
