package media

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"meent/communities"
)

// needsTools skips a test where the machine has no ffmpeg, or fails if everything has to be tested.
func needsTools(t *testing.T) Tools {
	t.Helper()
	tools := FindTools()
	if tools.FFmpeg == "" {
		if os.Getenv("MEENT_REQUIRE_ALL") != "" {
			t.Fatal("there is no ffmpeg")
		}
		t.Skip("there is no ffmpeg")
	}
	return tools
}

// film makes one with ffmpeg, with a place written into it.
func film(t *testing.T, ext string, arguments ...string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "film"+ext)
	sources := []string{"-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=10:duration=1", "-f", "lavfi", "-i", "sine=duration=1"}
	all := append(append(sources, arguments...), "-metadata", "location="+where, "-metadata", "title="+where, "-metadata:s", "title="+where, name)
	if out, err := exec.CommandContext(t.Context(), needsTools(t).FFmpeg, all...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestFilmsAreMadeAnew(t *testing.T) {
	t.Parallel()
	needsTools(t)
	h264, aac := []string{"-c:v", "libx264", "-pix_fmt", "yuv420p"}, []string{"-c:a", "aac"}
	sound := []string{"-map", "1:a"}
	for _, test := range []struct {
		name, ext, mediaType string
		arguments            []string
	}{
		{"as phones have it", ".mp4", "video/mp4", append(h264, aac...)},
		{"as other phones have it", ".mov", "video/mp4", append(h264, aac...)},
		{"without sound", ".mp4", "video/mp4", append(h264, "-map", "0:v")},
		{"free", ".webm", "video/webm", []string{"-c:v", "libvpx", "-c:a", "libvorbis"}},
		{"to be translated", ".mp4", "video/mp4", append([]string{"-c:v", "mpeg4"}, aac...)},
		{"to be put elsewhere", ".mkv", "video/mp4", append(h264, aac...)},
		{"MP3", ".mp3", "audio/mpeg", append(sound, "-c:a", "libmp3lame")},
		{"Ogg", ".ogg", "audio/ogg", append(sound, "-c:a", "libvorbis")},
		{"FLAC", ".flac", "audio/flac", append(sound, "-c:a", "flac")},
		{"M4A", ".m4a", "audio/mp4", append(sound, aac...)},
		{"WAV", ".wav", "audio/mpeg", append(sound, "-c:a", "pcm_s16le")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := newWorkshop(t).produce(t, communities.ForPost, film(t, test.ext, test.arguments...))
			if err != nil {
				t.Fatal(err)
			}
			kind, err := Sniff(p.original[:sniffed])
			if err != nil || p.Original.MediaType != test.mediaType || kind.class() != p.Class {
				t.Errorf("made %+v of kind %+v, %v", p.Original, kind, err)
			}
			if bytes.Contains(p.original, []byte(where)) {
				t.Error("it tells where it was taken")
			}
			if p.Duration < 0.8 || p.Duration > 1.5 || p.Bitrate == 0 {
				t.Errorf("it takes %f s at %d bit/s", p.Duration, p.Bitrate)
			}
			if strings.HasPrefix(test.mediaType, "video") && (p.Original.Width != 320 || p.Preview.Width != 320 || p.Blurhash == "" || p.FrameRate == "") {
				t.Errorf("made %+v", p.Made)
			}
		})
	}
}

// A film that was taken lying is shown upright, and said to be so.
func TestFilmsStandUpright(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole.mp4")
	if err := os.WriteFile(whole, film(t, ".mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p"), 0o600); err != nil {
		t.Fatal(err)
	}
	lying := filepath.Join(t.TempDir(), "lying.mp4")
	out, err := exec.CommandContext(t.Context(), needsTools(t).FFmpeg, "-v", "error", "-i", whole, "-c", "copy", "-metadata:s:v", "rotate=90", lying).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(lying)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newWorkshop(t).produce(t, communities.ForPost, content)
	if err != nil || p.Original.Width != 180 || p.Original.Height != 320 || p.Preview.Height != 320 {
		t.Errorf("made %+v, %v", p.Made, err)
	}
}

// SECURITY D20: a film that refers to something beside it is no film: what it refers to is never opened.
func TestFilmsReferToNothing(t *testing.T) {
	t.Parallel()
	needsTools(t)
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("the key of the town hall"), 0o600); err != nil {
		t.Fatal(err)
	}
	playlist := "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile://" + secret + "\n#EXT-X-ENDLIST\n"
	for name, content := range map[string]string{
		"a playlist": playlist, "a list": "ffconcat version 1.0\nfile " + secret + "\n",
		"a playlist that says it is MP3": "ID3" + playlist, "a playlist that says it is Ogg": "OggS" + playlist,
		"a playlist that says it is MP4": "\x00\x00\x00\x18ftypmp42" + playlist, "a playlist that says it is WebM": "\x1a\x45\xdf\xa3" + playlist,
	} {
		p, err := newWorkshop(t).produce(t, communities.ForPost, []byte(content))
		if err == nil || bytes.Contains(p.original, []byte("town hall")) {
			t.Errorf("%s: made %+v", name, p.Made)
		}
	}
}

func TestFilmsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		streams []stream
		want    error
	}{
		{[]stream{{Type: "video", Codec: "h264", Width: 16384, Height: 16384, FrameRate: "30/1"}}, errFilmPixels},
		{[]stream{{Type: "video", Codec: "h264", Width: 100, Height: 100, FrameRate: "1000/1"}}, errFilmRate},
		{[]stream{{Type: "subtitle"}}, errBroken},
		{nil, errBroken},
		{[]stream{{Type: "video", Codec: "h264", Width: 3840, Height: 2160, FrameRate: "60000/1001"}}, nil},
	} {
		if _, err := (probed{Streams: test.streams}).plan(); err != test.want { //nolint:errorlint // one of these, bare
			t.Errorf("%+v: %v", test.streams, err)
		}
	}
}
