package media

import (
	"bytes"
	"encoding/binary"
)

// orientation tells how a camera was held (Exif 2.3, tag 0x0112): 1 to 8, 1 where nothing is said. It is the one thing that is read of what
// a camera writes beside the picture; nothing of it is written again, so that no picture tells where it was taken.
func orientation(kind Kind, content []byte) int {
	switch kind {
	case jpegKind:
		return orientationOf(exifOfJPEG(content))
	case pngKind:
		return orientationOf(chunk(content, 8, "eXIf", binary.BigEndian, false))
	case webpKind:
		return orientationOf(chunk(content, 12, "EXIF", binary.LittleEndian, true))
	default:
		return upright
	}
}

const upright = 1

// exifOfJPEG finds the Exif data between the markers that come before the picture.
func exifOfJPEG(content []byte) []byte {
	const startOfScan, app1 = 0xda, 0xe1
	for at := 2; at+4 <= len(content) && content[at] == 0xff; {
		marker, size := content[at+1], int(binary.BigEndian.Uint16(content[at+2:]))
		end := at + 2 + size
		if marker == startOfScan || size < 2 || end > len(content) {
			return nil
		}
		if body, found := bytes.CutPrefix(content[at+4:end], []byte("Exif\x00\x00")); marker == app1 && found {
			return body
		}
		at = end
	}
	return nil
}

// chunk finds a chunk of a PNG (length, name, content, sum) or of a RIFF file (name, length, content, to an even number).
func chunk(content []byte, at int, name string, order binary.ByteOrder, isRIFF bool) []byte {
	for at+8 <= len(content) {
		length, id, after := content[at:at+4], content[at+4:at+8], 4
		if isRIFF {
			length, id = id, length
		}
		size := int64(order.Uint32(length))
		if size > int64(len(content)-at-8) {
			return nil
		}
		if isRIFF {
			after = int(size & 1)
		}
		if string(id) == name {
			return content[at+8 : at+8+int(size)]
		}
		at += 8 + int(size) + after
	}
	return nil
}

// orientationOf looks through the first directory of a TIFF structure (TIFF 6.0, 2).
func orientationOf(tiff []byte) int {
	const tag, entry = 0x0112, 12
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := int64(order.Uint16(tiff[at:]))
	for i := range entries {
		from := at + 2 + i*entry
		if from+entry > int64(len(tiff)) {
			break
		}
		if order.Uint16(tiff[from:]) != tag {
			continue
		}
		if value := int(order.Uint16(tiff[from+8:])); value >= 1 && value <= 8 {
			return value
		}
	}
	return upright
}
