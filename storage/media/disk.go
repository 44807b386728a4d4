package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Disk keeps files in a folder. Nothing that it is asked for can lead out of there (os.Root).
type Disk struct{ root *os.Root }

const (
	folderMode = 0o700
	fileMode   = 0o600
)

// OpenDisk opens a folder, and makes it when it is not there.
func OpenDisk(folder string) (*Disk, error) {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return nil, fmt.Errorf("make the folder for files: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open the folder for files: %w", err)
	}
	return &Disk{root}, nil
}

// Close gives the folder back.
func (d *Disk) Close() error { return d.root.Close() }

// Put writes beside and renames, so that who reads meanwhile sees the one or the other whole.
func (d *Disk) Put(_ context.Context, name string, content io.Reader, size int64, _ string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := d.root.MkdirAll(path.Dir(name), folderMode); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	beside := name + ".new-" + rand.Text()
	if err := d.write(beside, content, size); err != nil {
		return errors.Join(fmt.Errorf("keep %s: %w", name, err), d.remove(beside))
	}
	if err := d.root.Rename(beside, name); err != nil {
		return errors.Join(fmt.Errorf("keep %s: %w", name, err), d.remove(beside))
	}
	return d.sync(path.Dir(name))
}

func (d *Disk) write(name string, content io.Reader, size int64) (err error) {
	file, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n, err := io.Copy(file, io.LimitReader(content, size+1))
	if err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("it has not the %d bytes that were announced", size)
	}
	return file.Sync()
}

// sync makes the new name as durable as the bytes.
func (d *Disk) sync(folder string) (err error) {
	dir, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	return dir.Sync()
}

// Open implements [Store].
func (d *Disk) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return d.root.Open(name)
}

// Delete implements [Store].
func (d *Disk) Delete(_ context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return d.remove(name)
}

func (d *Disk) remove(name string) error {
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Public implements [Store]: the node hands out what is on its disk.
func (d *Disk) Public(string) string { return "" }
