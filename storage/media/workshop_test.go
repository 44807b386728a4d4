package media

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meent/communities"
)

func newWorkshop(t testing.TB) *Workshop {
	t.Helper()
	w, err := NewWorkshop(t.TempDir(), FindTools(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// produced is what was made, with its bytes.
type produced struct {
	Made
	original, preview []byte
}

func (w *Workshop) produce(t testing.TB, purpose communities.Purpose, content []byte) (produced, error) {
	t.Helper()
	var p produced
	kind, err := w.Look(bytes.NewReader(content), int64(len(content)), purpose)
	if err != nil {
		return p, err
	}
	err = w.Make(t.Context(), kind, purpose, bytes.NewReader(content), func(folder string, made Made) (err error) {
		p.Made = made
		if p.original, err = os.ReadFile(filepath.Join(folder, made.Original.Name)); err != nil || made.Preview.Name == "" {
			return err
		}
		p.preview, err = os.ReadFile(filepath.Join(folder, made.Preview.Name))
		return err
	})
	left, other := os.ReadDir(w.Folder)
	if other != nil || len(left) != 0 {
		t.Errorf("the workshop was left with %d things, %v", len(left), other)
	}
	return p, err
}

// painting has a corner of its own: red at the top left, blue elsewhere.
func painting(width, height int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p.Set(x, y, color.RGBA{B: 0xff, A: 0xff})
			if x < width/2 && y < height/2 {
				p.Set(x, y, color.RGBA{R: 0xff, A: 0xff})
			}
		}
	}
	return p
}

func asPNG(p image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asJPEG(p image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// tiny is a lossless WebP of one pixel.
var tinyWebP = []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

// asGIF makes an animation of frames of one pixel's difference.
func asGIF(width, height, frames int) []byte {
	colours := color.Palette{color.Black, color.White}
	animation := &gif.GIF{}
	for i := range frames {
		frame := image.NewPaletted(image.Rect(0, 0, width, height), colours)
		frame.SetColorIndex(i%width, 0, 1)
		animation.Image, animation.Delay = append(animation.Image, frame), append(animation.Delay, 5)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, animation); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestPicturesAreMadeAnew(t *testing.T) {
	t.Parallel()
	glass := painting(40, 20)
	glass.Set(0, 0, color.Transparent)
	tests := []struct {
		name          string
		purpose       communities.Purpose
		content       []byte
		mediaType     string
		width, height int
	}{
		{"JPEG", communities.ForPost, asJPEG(painting(40, 20)), "image/jpeg", 40, 20},
		{"PNG", communities.ForPost, asPNG(painting(40, 20)), "image/png", 40, 20},
		{"PNG that shines through", communities.ForPost, asPNG(glass), "image/png", 40, 20},
		{"GIF that stands still", communities.ForPost, asGIF(40, 20, 1), "image/png", 40, 20},
		{"GIF that moves", communities.ForPost, asGIF(40, 20, 3), "image/gif", 40, 20},
		{"GIF as an icon", communities.ForIcon, asGIF(40, 20, 3), "image/png", 20, 20},
		{"WebP", communities.ForPost, tinyWebP, "image/png", 1, 1},
		{"large", communities.ForPost, asPNG(image.NewGray(image.Rect(0, 0, 6000, 5000))), "image/png", 3154, 2629},
		{"icon", communities.ForIcon, asPNG(painting(1000, 500)), "image/png", 400, 400},
		{"header", communities.ForHeader, asJPEG(painting(3000, 3000)), "image/jpeg", 1500, 500},
		{"wide and low", communities.ForHeader, asJPEG(painting(30, 2)), "image/jpeg", 6, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := newWorkshop(t).produce(t, test.purpose, test.content)
			if err != nil {
				t.Fatal(err)
			}
			if o := p.Original; o.MediaType != test.mediaType || o.Width != test.width || o.Height != test.height {
				t.Errorf("made %+v", o)
			}
			config, format, err := image.DecodeConfig(bytes.NewReader(p.original))
			if err != nil || "image/"+format != test.mediaType || config.Width != test.width || config.Height != test.height {
				t.Errorf("the file is %s of %dx%d, %v", format, config.Width, config.Height, err)
			}
			if test.purpose != communities.ForPost {
				return
			}
			if small, _, err := image.DecodeConfig(bytes.NewReader(p.preview)); err != nil || small.Width != p.Preview.Width || small.Width*small.Height > previewPixels {
				t.Errorf("preview %+v, %v", p.Preview, err)
			}
			if len(p.Blurhash) < 6 {
				t.Errorf("blurhash %q", p.Blurhash)
			}
		})
	}
}

func TestAnimationsGoOn(t *testing.T) {
	t.Parallel()
	p, err := newWorkshop(t).produce(t, communities.ForPost, asGIF(30, 10, 7))
	if err != nil {
		t.Fatal(err)
	}
	if animation, err := gif.DecodeAll(bytes.NewReader(p.original)); err != nil || len(animation.Image) != 7 || animation.Delay[3] != 5 {
		t.Errorf("%v", err)
	}
}

// exif is what a camera writes: how it was held, and where.
func exif(order binary.AppendByteOrder, held uint16) []byte {
	mark := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	b := []byte(mark)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0112), 3), 1), held)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x8825), 4), 1), 38) // the GPS directory
	return append(order.AppendUint32(b, 0), where...)
}

const where = "GPS 52.0907N 5.1214E"

func withExif(content, data []byte) []byte {
	segment := append([]byte("Exif\x00\x00"), data...)
	head := append(append([]byte{}, content[:2]...), 0xff, 0xe1)
	head = binary.BigEndian.AppendUint16(head, uint16(len(segment)+2))
	comment := append([]byte{0xff, 0xfe, 0, byte(len(where) + 2)}, where...)
	return append(append(append(head, segment...), comment...), content[2:]...)
}

func pngChunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunks puts chunks behind the header of a PNG.
func withChunks(content []byte, chunks ...[]byte) []byte {
	const head = 8 + 25
	return append(append(append([]byte{}, content[:head]...), bytes.Join(chunks, nil)...), content[head:]...)
}

// TestNothingTellsWhere: what a camera wrote beside the picture is gone, and the picture stands upright.
func TestNothingTellsWhere(t *testing.T) {
	t.Parallel()
	// where the red corner is, once the picture stands upright, as left and top
	corners := map[uint16][2]bool{1: {true, true}, 2: {false, true}, 3: {false, false}, 4: {true, false}, 5: {true, true}, 6: {false, true}, 7: {false, false}, 8: {true, false}}
	for held, corner := range corners {
		for name, content := range map[string][]byte{
			"JPEG little": withExif(asJPEG(painting(64, 32)), exif(binary.LittleEndian, held)),
			"JPEG big":    withExif(asJPEG(painting(64, 32)), exif(binary.BigEndian, held)),
			"PNG":         withChunks(asPNG(painting(64, 32)), pngChunk("eXIf", exif(binary.BigEndian, held)), pngChunk("tEXt", []byte("Comment\x00"+where))),
		} {
			p, err := newWorkshop(t).produce(t, communities.ForPost, content)
			if err != nil {
				t.Fatal(err)
			}
			for _, made := range [][]byte{p.original, p.preview} {
				if bytes.Contains(made, []byte(where)) || bytes.Contains(made, []byte("Exif")) || bytes.Contains(made, []byte("eXIf")) {
					t.Errorf("%s held %d: it tells where it was taken", name, held)
				}
				picture, _, err := image.Decode(bytes.NewReader(made))
				if err != nil {
					t.Fatal(err)
				}
				if left, top := redCorner(picture); left != corner[0] || top != corner[1] {
					t.Errorf("%s held %d: the corner is left %t, top %t", name, held, left, top)
				}
				if tall := picture.Bounds().Dy() > picture.Bounds().Dx(); tall != (held >= 5) {
					t.Errorf("%s held %d: %v", name, held, picture.Bounds())
				}
			}
		}
	}
}

func redCorner(p image.Image) (left, top bool) {
	size := p.Bounds()
	for _, at := range []struct{ left, top bool }{{true, true}, {true, false}, {false, true}, {false, false}} {
		x, y := size.Dx()/4, size.Dy()/4
		if !at.left {
			x = size.Dx() - 1 - x
		}
		if !at.top {
			y = size.Dy() - 1 - y
		}
		if r, _, b, _ := p.At(x, y).RGBA(); r > b {
			return at.left, at.top
		}
	}
	return false, false
}

// A file that is a picture and something else is a picture and nothing else afterwards (SECURITY D11).
func TestPolyglots(t *testing.T) {
	t.Parallel()
	script := "<script>alert(document.domain)</script>"
	zip := "PK\x03\x04" + script
	for name, content := range map[string][]byte{
		"behind a JPEG": append(asJPEG(painting(9, 9)), zip...),
		"behind a PNG":  append(asPNG(painting(9, 9)), zip...),
		"behind a GIF":  append(asGIF(9, 9, 2), zip...),
		"inside a PNG":  withChunks(asPNG(painting(9, 9)), pngChunk("tEXt", []byte(script))),
		"inside a JPEG": withExif(asJPEG(painting(9, 9)), []byte(script)),
	} {
		p, err := newWorkshop(t).produce(t, communities.ForPost, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if bytes.Contains(p.original, []byte("script")) || bytes.Contains(p.preview, []byte("script")) {
			t.Errorf("%s: it came through", name)
		}
	}
}

// pngOf says that it is of a size, and has next to nothing in it.
func pngOf(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Close()
	return bytes.Join([][]byte{
		[]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 8, 2, 0, 0, 0)), pngChunk("IDAT", data.Bytes()), pngChunk("IEND", nil),
	}, nil)
}

func jpegOf(width, height uint16) []byte {
	content := asJPEG(painting(8, 8))
	at := bytes.Index(content, []byte{0xff, 0xc0}) + 5
	binary.BigEndian.PutUint16(content[at:], height)
	binary.BigEndian.PutUint16(content[at+2:], width)
	return content
}

func gifOf(width, height uint16) []byte {
	content := asGIF(8, 8, 1)
	binary.LittleEndian.PutUint16(content[6:], width)
	binary.LittleEndian.PutUint16(content[8:], height)
	return content
}

// manyFrames is an animation of a few bytes a frame.
func manyFrames(n int) []byte {
	head := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff")
	frame := []byte(",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00")
	return append(append(head, bytes.Repeat(frame, n)...), ';')
}

func riffOf(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(name string, body ...byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body))), body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// SECURITY D16, D18, D19: what says that it is huge is refused by what it says, before anything is decoded.
func TestBombsAreRefusedUnopened(t *testing.T) {
	t.Parallel()
	hugeVP8L := riffChunk("VP8L", 0x2f, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0)
	for name, test := range map[string]struct {
		content []byte
		want    error
	}{
		"PNG of 50000 by 50000":              {pngOf(50_000, 50_000), errTooManyPixels},
		"PNG of 2^31":                        {pngOf(1<<31-1, 1<<31-1), errBroken},
		"JPEG of 65535 by 65535":             {jpegOf(65_535, 65_535), errTooManyPixels},
		"GIF of 65535 by 65535":              {gifOf(65_535, 65_535), errTooManyPixels},
		"WebP of 16384 by 16384":             {riffOf(hugeVP8L), errTooManyPixels},
		"WebP of 28 bytes":                   {riffOf(riffChunk("VP8L", 0x2f, 0xff, 0xff, 0xff, 0x0f)), errTooManyPixels},
		"WebP with a small canvas":           {riffOf(riffChunk("VP8X", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), hugeVP8L), errBroken},
		"WebP with a canvas of 2^48":         {riffOf(riffChunk("VP8X", 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)), errTooManyPixels},
		"WebP that moves":                    {riffOf(riffChunk("VP8X", 2, 0, 0, 0, 9, 0, 0, 9, 0, 0), riffChunk("ANIM", 0, 0, 0, 0, 0, 0)), errAnimatedWebP},
		"GIF with 10^5 frames":               {manyFrames(100_000), errTooManyFrames},
		"GIF with 10^4 frames":               {manyFrames(10_000), errTooManyFrames},
		"PNG of nothing":                     {pngOf(0, 10), errBroken},
		"GIF without a frame":                {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), errBroken},
		"GIF that ends at once":              {[]byte("GIF89a"), errBroken},
		"JPEG that ends at once":             {[]byte("\xff\xd8\xff\xe1"), errBroken},
		"WebP that ends at once":             {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), errBroken},
		"a chunk longer than the WebP":       {riffOf(riffChunk("VP8L", 1))[:20], errBroken},
		"a frame that the GIF has no end of": {manyFrames(1)[:24], errBroken},
	} {
		kind, err := Sniff(test.content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		began := time.Now()
		if _, err := readHeader(kind, test.content); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if _, err := newWorkshop(t).produce(t, communities.ForPost, test.content); err == nil {
			t.Errorf("%s: something was made of it", name)
		}
	}
}

// TestFrames: many pixels in many frames count together.
func TestFramesCountTogether(t *testing.T) {
	t.Parallel()
	frame := []byte(",\x00\x00\x00\x00\x00\x20\x00\x20\x00\x02\x02D\x01\x00") // 8192 by 8192
	content := append([]byte("GIF89a\x10\x00\x10\x00\x00\x00\x00"), bytes.Repeat(frame, 2)...)
	if _, err := readHeader(gifKind, content); !errors.Is(err, errTooManyFrames) {
		t.Error(err)
	}
}

func TestWhatFilesAre(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"\xff\xd8\xff\xe0": "image/jpeg", "\x89PNG\r\n\x1a\n": "image/png", "GIF87a": "image/gif", "RIFF\x00\x00\x00\x00WEBP": "image/webp",
		"\x00\x00\x00\x18ftypmp42": "video/mp4", "\x00\x00\x00\x18ftypqt  ": "video/quicktime", "\x00\x00\x00\x18ftypM4A ": "audio/mp4",
		"\x1a\x45\xdf\xa3": "video/webm", "OggS": "audio/ogg", "fLaC": "audio/flac", "ID3\x03": "audio/mpeg", "\xff\xfb\x90": "audio/mpeg", "RIFF\x00\x00\x00\x00WAVE": "audio/wav",
	} {
		if kind, err := Sniff([]byte(content)); err != nil || string(kind) != want {
			t.Errorf("%q is %q, %v", content, kind, err)
		}
	}
	for content, want := range map[string]error{
		"": errUnknownKind, "<svg": errUnknownKind, "<!doctype html>": errUnknownKind, "%PDF-1.7": errUnknownKind, "II*\x00": errUnknownKind, "MM\x00*": errUnknownKind,
		"#EXTM3U": errUnknownKind, "ffconcat version 1.0": errUnknownKind, "BM": errUnknownKind, "RIFF": errUnknownKind, "RIFF\x00\x00\x00\x00AVI ": errUnknownKind,
		"\x00\x00\x00\x18ftypheic": errHEIF, "\x00\x00\x00\x18ftypavif": errHEIF, `{"@context":`: errUnknownKind,
	} {
		if _, err := Sniff([]byte(content)); !errors.Is(err, want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// SECURITY D17: whatever breaks a decoder ends a process that has nothing else to do, and nobody hears more than that it cannot be read.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for _, whole := range [][]byte{asJPEG(painting(50, 50)), asPNG(painting(50, 50)), asGIF(20, 20, 3), tinyWebP} {
		for _, part := range []int{len(whole) / 4, len(whole) / 2} {
			broken := append([]byte{}, whole[:len(whole)-part]...)
			_, err := w.produce(t, communities.ForPost, broken)
			if refused := (*communities.Error)(nil); err != nil && !errors.As(err, &refused) {
				t.Errorf("%.4q: %v", whole, err)
			}
		}
	}
}

// SECURITY D11, D20: who works on a file has little memory, no time to lose, no surroundings, and takes its own down with it.
func TestChildrenAreConfined(t *testing.T) {
	t.Parallel()
	seen := filepath.Join(t.TempDir(), "seen")
	w := newWorkshop(t)
	w.Tools = Tools{FFmpeg: "/bin/false", FFprobe: program(t, "{ ulimit -d; ulimit -n; ulimit -c; ulimit -t; pwd; set; } > "+seen+" 2>&1")}
	if _, err := w.produce(t, communities.ForPost, []byte("OggS")); err == nil || err.Error() != errBroken.Error() {
		t.Errorf("%v", err)
	}
	told, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	if want := "1048576\n64\n0\n100\n" + w.Folder + "/job-"; !strings.HasPrefix(string(told), want) || strings.Contains(string(told), "HOME=") {
		t.Errorf("a child sees:\n%s", told)
	}
}

func TestAChildThatStandsStill(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	w.Tools = Tools{FFmpeg: "/bin/false", FFprobe: program(t, "sleep 60")}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := w.Make(ctx, oggKind, communities.ForPost, strings.NewReader("OggS"), func(string, Made) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

// program writes a script that is run in the place of a tool.
func program(t *testing.T, script string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// What a process left that died in the middle is swept out by the next one, and what others are at work on is not.
func TestLeftoversAreSweptOut(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, age := range map[string]time.Duration{"job-1": 2 * time.Hour, "given-2": 2 * time.Hour, "job-3": time.Minute} {
		at := filepath.Join(folder, name)
		if err := errors.Join(os.Mkdir(at, 0o700), os.WriteFile(at+"/given", nil, 0o600), os.Chtimes(at, time.Now(), time.Now().Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewWorkshop(folder, Tools{}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 || left[0].Name() != "job-3" {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for _, test := range []struct {
		head    string
		size    int64
		purpose communities.Purpose
		allowed bool
	}{
		{"GIF89a", MaxPictureBytes, communities.ForPost, true},
		{"GIF89a", MaxPictureBytes + 1, communities.ForPost, false},
		{"OggS", MaxFilmBytes, communities.ForPost, w.Films()},
		{"OggS", MaxFilmBytes + 1, communities.ForPost, false},
		{"OggS", 10, communities.ForIcon, false},
	} {
		if _, err := w.Look(strings.NewReader(test.head), test.size, test.purpose); (err == nil) != test.allowed {
			t.Errorf("%s of %d bytes: %v", test.head, test.size, err)
		}
	}
	w.Tools = Tools{}
	if _, err := w.Look(strings.NewReader("OggS"), 10, communities.ForPost); !errors.Is(err, errNoFilms) {
		t.Errorf("without tools: %v", err)
	}
}

func FuzzHeader(f *testing.F) {
	for _, seed := range [][]byte{
		asJPEG(painting(8, 8)), asPNG(painting(8, 8)), asGIF(8, 8, 2), tinyWebP, manyFrames(3), pngOf(50_000, 50_000),
		withExif(asJPEG(painting(8, 8)), exif(binary.BigEndian, 6)), riffOf(riffChunk("VP8X", 2, 0, 0, 0, 9, 0, 0, 9, 0, 0), riffChunk("EXIF", 'M', 'M')),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		kind, err := Sniff(content)
		if err != nil || !kind.isPicture() {
			return
		}
		if held := orientation(kind, content); held < 1 || held > 8 {
			t.Errorf("held %d", held)
		}
		h, err := readHeader(kind, content)
		if err == nil && (h.width*h.height > MaxPixels || h.frames > maxFrames) {
			t.Errorf("let pass %+v", h)
		}
	})
}
