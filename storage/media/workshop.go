package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"meent/communities"
)

// How large a file can be that people give, in bytes.
const (
	MaxPictureBytes = 16 << 20
	MaxFilmBytes    = 99 << 20 // of video and sound
)

const (
	atOnce    = 2 // files that are worked on in one process of the node
	patience  = 100 * time.Second
	complaint = 2 << 10 // bytes that are kept of what a child says went wrong
)

// Tools are programs that read video and sound; empty where the machine has none.
type Tools struct{ FFmpeg, FFprobe string }

// FindTools looks for ffmpeg and ffprobe on the path. Without both there is no video and sound.
func FindTools() Tools {
	ffmpeg, err := exec.LookPath("ffmpeg")
	ffprobe, other := exec.LookPath("ffprobe")
	if err != nil || other != nil {
		return Tools{}
	}
	return Tools{FFmpeg: ffmpeg, FFprobe: ffprobe}
}

// Workshop makes files anew, each in a process of its own: this same program under another name, see [Called]. Safe for concurrent use.
type Workshop struct {
	Folder string // for jobs under way; it must be there
	Tools  Tools
	Log    *slog.Logger
	places chan struct{}
}

// NewWorkshop makes one, in a folder for files under way. What a process that died left there is swept out; others may be at work there.
func NewWorkshop(folder string, tools Tools, log *slog.Logger) (*Workshop, error) {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return nil, fmt.Errorf("make the folder for files under way: %w", err)
	}
	if err := sweep(folder, time.Now().Add(-leftover)); err != nil {
		return nil, fmt.Errorf("sweep the folder for files under way: %w", err)
	}
	return &Workshop{Folder: folder, Tools: tools, Log: log, places: make(chan struct{}, atOnce)}, nil
}

// leftover is how old something in the folder is that nobody works on any more.
const leftover = time.Hour

func sweep(folder string, before time.Time) error {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		info, gone := entry.Info()
		if gone == nil && info.ModTime().Before(before) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, entry.Name())))
		}
	}
	return err
}

// Films tells whether video and sound can be read.
func (w *Workshop) Films() bool { return w.Tools.FFmpeg != "" }

// MediaTypes lists what the workshop reads.
func (w *Workshop) MediaTypes() []string {
	var types []string
	for _, row := range kinds {
		if row.kind.isPicture() || w.Films() {
			types = append(types, string(row.kind))
		}
	}
	return types
}

// Look tells what a file is, by its first bytes, and refuses one that cannot be read or is too large, in words for people.
func (w *Workshop) Look(file io.ReaderAt, size int64, purpose communities.Purpose) (Kind, error) {
	head := make([]byte, sniffed)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("look at a file: %w", err)
	}
	kind, err := Sniff(head[:n])
	if err != nil {
		return kind, err
	}
	most := int64(MaxPictureBytes)
	if !kind.isPicture() {
		if most = MaxFilmBytes; purpose != communities.ForPost {
			return kind, errUnknownKind
		}
		if !w.Films() {
			return kind, errNoFilms
		}
	}
	if size > most {
		return kind, communities.Invalidf("This file is too large: %d MB is the most", most>>20)
	}
	return kind, nil
}

// Make makes a file anew and hands what came of it to keep, together with the folder where its parts are; both are gone afterwards.
func (w *Workshop) Make(
	ctx context.Context, kind Kind, purpose communities.Purpose, file io.Reader, keep func(folder string, made Made) error,
) (err error) {
	select {
	case w.places <- struct{}{}:
		defer func() { <-w.places }()
	case <-ctx.Done():
		return ctx.Err()
	}
	folder, err := os.MkdirTemp(w.Folder, "job-")
	if err != nil {
		return fmt.Errorf("make a folder for a file: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := save(filepath.Join(folder, givenName), file); err != nil {
		return fmt.Errorf("take a file to the workshop: %w", err)
	}
	made, err := w.run(ctx, folder, job{Kind: kind, Purpose: purpose, Tools: w.Tools})
	if err != nil {
		return err
	}
	return keep(folder, made)
}

func save(name string, content io.Reader) (err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, content)
	return err
}

// run starts a child and waits. A child that dies is the file's fault: whoever gave it hears that it cannot be read, and the log why.
func (w *Workshop) run(ctx context.Context, folder string, j job) (Made, error) {
	task, err := json.Marshal(j)
	if err != nil {
		return Made{}, err
	}
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out, errs bytes.Buffer
	child := exec.CommandContext(patient, itself())
	child.Args, child.Dir, child.Env = []string{childName}, folder, []string{"GOMAXPROCS=1"}
	child.Stdin, child.Stdout, child.Stderr = bytes.NewReader(task), &out, &limited{to: &errs}
	together(child)
	var r report
	if err = child.Run(); err == nil {
		err = json.Unmarshal(out.Bytes(), &r)
	}
	switch {
	case ctx.Err() != nil:
		return Made{}, ctx.Err()
	case err != nil:
		w.Log.WarnContext(ctx, "a file ended the process that read it", "kind", j.Kind, "err", err, "said", errs.String())
		return Made{}, errBroken
	}
	return r.Made, refusalOf(r.Refusal)
}

// refusalOf finds what a child meant; nil for nothing.
func refusalOf(message string) error {
	if message == "" {
		return nil
	}
	for _, known := range []error{errTooManyPixels, errTooManyFrames, errAnimatedWebP, errFilmPixels, errFilmRate, errUnknownKind} {
		if known.Error() == message {
			return known
		}
	}
	return errBroken
}

// itself is this program, also after its file was replaced by a newer one, where the system can tell.
func itself() string {
	const linux = "/proc/self/exe"
	if _, err := os.Stat(linux); err == nil {
		return linux
	}
	name, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return name
}

// limited keeps the beginning of what is written to it.
type limited struct{ to *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := complaint - l.to.Len(); room > 0 {
		l.to.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
