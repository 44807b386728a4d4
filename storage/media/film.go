package media

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"meent/communities"
)

// What a film can be.
const (
	MaxFilmPixels    = 3840 * 2160
	MaxFilmFrameRate = 120
	scaledTo         = "scale='min(1920,iw)':'min(1920,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2" // of a film that is written anew
	posterName       = "poster.png"
	posterSize       = "scale='min(1280,iw)':'min(1280,ih)':force_original_aspect_ratio=decrease"
)

var (
	errFilmPixels = communities.Invalidf("This film is too large: it can have %d million pixels", MaxFilmPixels/1_000_000)
	errFilmRate   = communities.Invalidf("This film is too fast: it can have %d frames a second", MaxFilmFrameRate)
)

// stream is a track as ffprobe tells of it.
type stream struct {
	Type      string `json:"codec_type"`
	Codec     string `json:"codec_name"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	FrameRate string `json:"avg_frame_rate"`
	Still     struct {
		Attached int `json:"attached_pic"`
	} `json:"disposition"`
}

type probed struct {
	Streams []stream `json:"streams"`
	Format  struct {
		Duration string `json:"duration"`
		Bitrate  string `json:"bit_rate"`
	} `json:"format"`
}

// makeFilm writes video and sound anew, without anything that a camera or phone wrote beside them. Pictures and sound that every browser
// plays are taken over as they are; the rest is translated.
func makeFilm(j job) (Made, error) {
	was, err := j.Tools.probe(givenName, j.Kind)
	if err != nil {
		return Made{}, err
	}
	p, err := was.plan()
	if err != nil {
		return Made{}, err
	}
	if err := j.Tools.write(j.Kind, p); err != nil {
		return Made{}, err
	}
	is, err := j.Tools.probe(originalName, p.kind)
	if err != nil {
		return Made{}, err
	}
	made := is.made(p.kind)
	if p.kind.class() == "video" {
		err = j.Tools.poster(&made, p.kind)
	}
	return made, err
}

// reading are the arguments before every input: one file of this kind and nothing that it refers to, whatever it says inside (SECURITY D20).
func reading(kind Kind, name string) []string {
	return []string{"-protocol_whitelist", "file", "-format_whitelist", whitelist[kind.demuxer()], "-f", kind.demuxer(), "-i", "file:" + name}
}

// whitelist names a container as ffmpeg lists it.
var whitelist = map[string]string{
	"mov": "mov,mp4,m4a,3gp,3g2,mj2", "matroska": "matroska,webm", "mp3": "mp3", "ogg": "ogg", "flac": "flac", "wav": "wav",
}

func (t Tools) probe(name string, kind Kind) (probed, error) {
	var p probed
	arguments := append([]string{"-v", "error", "-of", "json", "-show_streams", "-show_format"}, reading(kind, name)...)
	out, err := t.run(t.FFprobe, arguments)
	if err != nil || json.Unmarshal(out, &p) != nil {
		return p, errBroken
	}
	return p, nil
}

func (t Tools) run(program string, arguments []string) ([]byte, error) {
	var out bytes.Buffer
	command := exec.Command(program, arguments...) //nolint:noctx // arguments are fixed in this file; the child's own limits end it
	command.Env, command.Stdout, command.Stderr = []string{}, &out, os.Stderr
	err := command.Run()
	return out.Bytes(), err
}

// plan is how a film is written.
type plan struct {
	kind      Kind
	arguments []string
}

// first finds the first track of a type that is no cover.
func (p probed) first(kind string) (stream, bool) {
	at := slices.IndexFunc(p.Streams, func(s stream) bool { return s.Type == kind && s.Still.Attached == 0 })
	if at < 0 {
		return stream{}, false
	}
	return p.Streams[at], true
}

func (p probed) plan() (plan, error) {
	video, moves := p.first("video")
	audio, sounds := p.first("audio")
	switch {
	case moves && video.Width*video.Height > MaxFilmPixels:
		return plan{}, errFilmPixels
	case moves && rate(video.FrameRate) > MaxFilmFrameRate:
		return plan{}, errFilmRate
	case !moves && !sounds:
		return plan{}, errBroken
	}
	for _, way := range ways {
		if way.fits(video.Codec, audio.Codec) {
			return plan{way.kind, way.arguments}, nil
		}
	}
	if moves {
		return plan{mp4Kind, translated}, nil
	}
	return plan{mp3Kind, []string{"-c:a", "libmp3lame", "-q:a", "2", "-f", "mp3"}}, nil
}

// way is how tracks of some codecs are taken over.
type way struct {
	kind         Kind
	video, audio []string // codecs; "" is none
	arguments    []string
}

func (w way) fits(video, audio string) bool {
	return slices.Contains(w.video, video) && slices.Contains(w.audio, audio)
}

var ways = []way{
	{mp4Kind, []string{"h264"}, []string{"", "aac", "mp3"}, []string{"-c", "copy", "-movflags", "+faststart", "-f", "mp4"}},
	{webmKind, []string{"vp8", "vp9", "av1"}, []string{"", "opus", "vorbis"}, []string{"-c", "copy", "-f", "webm"}},
	{m4aKind, []string{""}, []string{"aac"}, []string{"-c", "copy", "-movflags", "+faststart", "-f", "ipod"}},
	{mp3Kind, []string{""}, []string{"mp3"}, []string{"-c", "copy", "-f", "mp3"}},
	{oggKind, []string{""}, []string{"opus", "vorbis"}, []string{"-c", "copy", "-f", "ogg"}},
	{flacKind, []string{""}, []string{"flac"}, []string{"-c", "copy", "-f", "flac"}},
}

// translated writes what every browser plays.
var translated = []string{
	"-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-vf", scaledTo, "-c:a", "aac", "-b:a", "128k",
	"-movflags", "+faststart", "-f", "mp4",
}

func (t Tools) write(from Kind, p plan) error {
	arguments := slices.Concat(
		[]string{"-nostdin", "-hide_banner", "-loglevel", "error"}, reading(from, givenName),
		[]string{
			"-map", "0:V:0?", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
			"-flags:a", "+bitexact", "-threads", "1", "-fs", strconv.Itoa(MaxFilmBytes),
		},
		p.arguments, []string{"file:" + originalName},
	)
	if _, err := t.run(t.FFmpeg, arguments); err != nil {
		return errBroken
	}
	return nil
}

// poster takes a picture out of a film, to show before it plays.
func (t Tools) poster(m *Made, kind Kind) error {
	arguments := slices.Concat(
		[]string{"-nostdin", "-hide_banner", "-loglevel", "error"}, reading(kind, originalName),
		[]string{"-frames:v", "1", "-vf", posterSize, "-threads", "1", "-f", "image2", "-c:v", "png", "file:" + posterName},
	)
	if _, err := t.run(t.FFmpeg, arguments); err != nil {
		return errBroken
	}
	file, err := os.Open(posterName)
	if err != nil {
		return errBroken
	}
	poster, err := png.Decode(file)
	if err = cmp.Or(err, file.Close()); err != nil {
		return fmt.Errorf("read a poster: %w", err)
	}
	size := poster.Bounds()
	if (size.Dx() > size.Dy()) != (m.Original.Width > m.Original.Height) { // the film says that it was taken lying
		m.Original.Width, m.Original.Height = m.Original.Height, m.Original.Width
	}
	return m.preview(poster)
}

func (p probed) made(kind Kind) Made {
	m := Made{Class: kind.class(), Original: Part{Name: originalName, MediaType: string(kind), Ext: kind.ext()}}
	if video, moves := p.first("video"); moves {
		m.Original.Width, m.Original.Height, m.FrameRate = video.Width, video.Height, video.FrameRate
	}
	m.Duration, _ = strconv.ParseFloat(p.Format.Duration, 64) // 0 where it is not known
	m.Bitrate, _ = strconv.Atoi(p.Format.Bitrate)
	return m
}

// rate reads a fraction; 0 for none.
func rate(fraction string) float64 {
	above, below, _ := strings.Cut(fraction, "/")
	a, _ := strconv.ParseFloat(above, 64)
	b, _ := strconv.ParseFloat(below, 64)
	if b == 0 {
		return 0
	}
	return a / b
}
