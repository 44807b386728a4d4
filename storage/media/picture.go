package media

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"

	"github.com/buckket/go-blurhash"
	"golang.org/x/image/draw"

	"meent/communities"
)

// What is made of a picture.
const (
	shownPixels   = 3840 * 2160 // more is scaled down
	previewPixels = 640 * 360
	iconSide      = 400 // pixels; icons are cut to a square
	headerWidth   = 1500
	headerHeight  = 500
	jpegQuality   = 85
	blurSide      = 64 // pixels that a blurhash looks at, along the longer side
	blurX, blurY  = 4, 3
)

// picture is one that was decoded, on its way to be shown.
type picture struct {
	image.Image
	kind      Kind     // in which it is written
	animation *gif.GIF // nil: it stands still
}

// makePicture makes a picture anew: nothing of the file that came is in what is written but its colours.
func makePicture(j job, content []byte) (Made, error) {
	made := Made{}
	p, err := decodePicture(j.Kind, j.Purpose, content)
	if err != nil {
		return made, err
	}
	if err := made.write(p); err != nil {
		return made, err
	}
	if j.Purpose != communities.ForPost {
		return made, nil
	}
	return made, made.preview(p.Image)
}

func decodePicture(kind Kind, purpose communities.Purpose, content []byte) (picture, error) {
	h, err := readHeader(kind, content)
	if err != nil {
		return picture{}, err
	}
	if h.frames > 1 && purpose == communities.ForPost {
		return decodeAnimation(h, content)
	}
	decoded, err := codecs[kind].decode(bytes.NewReader(content))
	if err != nil {
		return picture{}, errBroken
	}
	return still(decoded, kind, purpose, orientation(kind, content)), nil
}

// decodeAnimation reads all frames, whose number and size the header has told.
func decodeAnimation(h header, content []byte) (picture, error) {
	if h.width*h.height > shownPixels {
		return picture{}, errTooManyPixels
	}
	animation, err := gif.DecodeAll(bytes.NewReader(content))
	if err != nil {
		return picture{}, errBroken
	}
	first := image.NewRGBA(image.Rect(0, 0, h.width, h.height))
	draw.Draw(first, animation.Image[0].Bounds(), animation.Image[0], animation.Image[0].Bounds().Min, draw.Over)
	return picture{Image: first, kind: gifKind, animation: animation}, nil
}

// still brings a picture into the size and the position in which it is shown.
func still(decoded image.Image, kind Kind, purpose communities.Purpose, held int) picture {
	p := picture{Image: decoded, kind: kind}
	switch purpose {
	case communities.ForIcon:
		p.Image = fill(turn(fit(decoded, shownPixels), held), iconSide, iconSide)
	case communities.ForHeader:
		p.Image = fill(turn(fit(decoded, shownPixels), held), headerWidth, headerHeight)
	default:
		p.Image = turn(fit(decoded, shownPixels), held)
	}
	p.kind = pngKind
	if (kind == jpegKind || kind == webpKind) && opaque(p.Image) {
		p.kind = jpegKind
	}
	return p
}

// opaque tells whether nothing shines through a picture.
func opaque(p image.Image) bool {
	o, known := p.(interface{ Opaque() bool })
	return known && o.Opaque()
}

// fit scales a picture down until it has no more than so many pixels.
func fit(p image.Image, most int) image.Image {
	width, height := p.Bounds().Dx(), p.Bounds().Dy()
	if width*height <= most {
		return p
	}
	scale := math.Sqrt(float64(most) / float64(width*height))
	return resize(p, p.Bounds(), max(1, int(float64(width)*scale)), max(1, int(float64(height)*scale)))
}

// fill cuts the middle out of a picture, in the proportions asked for, and scales it down to that size.
func fill(p image.Image, width, height int) image.Image {
	from := p.Bounds()
	if tall := from.Dx() * height / width; tall > 0 && tall <= from.Dy() {
		from.Min.Y += (from.Dy() - tall) / 2
		from.Max.Y = from.Min.Y + tall
	} else {
		wide := max(1, from.Dy()*width/height)
		from.Min.X += (from.Dx() - wide) / 2
		from.Max.X = from.Min.X + wide
	}
	return resize(p, from, min(width, from.Dx()), min(height, from.Dy()))
}

func resize(p image.Image, from image.Rectangle, width, height int) image.Image {
	scaled := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(scaled, scaled.Bounds(), p, from, draw.Src, nil)
	return scaled
}

// turn puts upright what a camera took lying or mirrored (Exif 2.3, 4.6.4, orientation).
func turn(p image.Image, held int) image.Image {
	if held <= upright || held > 8 {
		return p
	}
	width, height := p.Bounds().Dx(), p.Bounds().Dy()
	lying := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(lying, lying.Bounds(), p, p.Bounds().Min, draw.Src)
	target := image.Rect(0, 0, width, height)
	if held >= 5 {
		target = image.Rect(0, 0, height, width)
	}
	turned, move := image.NewRGBA(target), turns[held]
	for y := range height {
		for x := range width {
			atX, atY := move(x, y, width-1, height-1)
			turned.SetRGBA(atX, atY, lying.RGBAAt(x, y))
		}
	}
	return turned
}

// turns tell where a point goes, of a picture whose last column is w and last row h.
var turns = map[int]func(x, y, w, h int) (int, int){
	2: func(x, y, w, _ int) (int, int) { return w - x, y },
	3: func(x, y, w, h int) (int, int) { return w - x, h - y },
	4: func(x, y, _, h int) (int, int) { return x, h - y },
	5: func(x, y, _, _ int) (int, int) { return y, x },
	6: func(x, y, _, h int) (int, int) { return h - y, x },
	7: func(x, y, w, h int) (int, int) { return h - y, w - x },
	8: func(x, y, w, _ int) (int, int) { return y, w - x },
}

// Made is what a [Workshop] made of a file.
type Made struct {
	Class     string
	Original  Part
	Preview   Part // without a name where there is none
	Blurhash  string
	Duration  float64 // seconds
	FrameRate string
	Bitrate   int
}

// Part is a file that was made, in the folder of its job.
type Part struct {
	Name          string
	MediaType     string
	Ext           string
	Width, Height int
}

// The names of files in the folder of a job.
const (
	givenName    = "given"
	originalName = "original"
	previewName  = "preview"
)

// write writes the picture itself.
func (m *Made) write(p picture) (err error) {
	m.Class = p.kind.class()
	m.Original = part(originalName, p.kind, p.Bounds())
	var b bytes.Buffer
	if p.animation == nil {
		err = encode(&b, p.Image, p.kind)
	} else {
		err = gif.EncodeAll(&b, p.animation)
	}
	if err != nil {
		return fmt.Errorf("write a picture: %w", err)
	}
	return os.WriteFile(originalName, b.Bytes(), fileMode)
}

// preview writes a small one, and what stands for it until that is there.
func (m *Made) preview(p image.Image) error {
	small, kind := fit(p, previewPixels), jpegKind
	if !opaque(small) {
		kind = pngKind
	}
	m.Preview = part(previewName, kind, small.Bounds())
	var b bytes.Buffer
	if err := encode(&b, small, kind); err != nil {
		return fmt.Errorf("write a preview: %w", err)
	}
	if err := os.WriteFile(previewName, b.Bytes(), fileMode); err != nil {
		return err
	}
	var err error
	m.Blurhash, err = blurhash.Encode(blurX, blurY, fit(small, blurSide*blurSide))
	return err
}

func part(name string, kind Kind, bounds image.Rectangle) Part {
	return Part{Name: name, MediaType: string(kind), Ext: kind.ext(), Width: bounds.Dx(), Height: bounds.Dy()}
}

func encode(b *bytes.Buffer, p image.Image, kind Kind) error {
	if kind == pngKind {
		return png.Encode(b, p)
	}
	return jpeg.Encode(b, p, &jpeg.Options{Quality: jpegQuality})
}
