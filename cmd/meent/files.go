package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"meent/cmd/meent/files"
	"meent/communities"
	"meent/federation/fetch"
	"meent/storage"
	"meent/storage/media"
)

// sealSetting is where the archive keeps the secret that seals the addresses of other nodes' files.
const sealSetting = "file_seal"

// remotePatience is how long a file of another node may take, look-up and redirects included.
const remotePatience = 30 * time.Second

// shelf is what the node has to do with files.
type shelf struct {
	depot  *media.Depot
	seal   *media.Seal
	origin string // where else browsers fetch files from; "": nowhere
	client *fetch.Client
	disk   *media.Disk // nil: they are in a bucket
}

// openFiles opens the place where files are.
func (n *node) openFiles(ctx context.Context) error {
	s := &shelf{}
	n.files = s
	store, err := s.open(ctx, n.Config)
	if err != nil {
		return err
	}
	var secret string
	err = n.archive.Write(ctx, func(tx communities.Tx) (err error) {
		secret, err = storage.Of(tx).KeepSetting(ctx, sealSetting, rand.Text())
		return err
	})
	if err != nil {
		return err
	}
	workshop, err := media.NewWorkshop(filepath.Join(n.Data, "work"), media.FindTools(), n.log)
	if err != nil {
		return advise(err, "Choose a folder that you may write in with --data.")
	}
	s.client, err = n.fetchClientOf(fetch.Config{Permit: n.permit, MaxBody: media.MaxRemoteBytes, Timeout: remotePatience})
	if err != nil {
		return err
	}
	s.seal = media.NewSeal(n.Base, []byte(secret))
	s.depot = media.NewDepot(media.Options{
		Town: n.town, Archive: n.archive, Store: store, Workshop: workshop, Log: n.log, Now: time.Now,
		Fetch: s.fetch, Permit: n.permitFile, KeepRemote: n.MediaKeepRemote << 20,
	})
	return nil
}

func (s *shelf) open(ctx context.Context, c *Config) (media.Store, error) {
	if c.S3Endpoint == "" {
		var err error
		s.disk, err = media.OpenDisk(filepath.Join(c.Data, "media"))
		return s.disk, advise(err, "Choose a folder that you may write in with --data.")
	}
	if c.S3Public != "" {
		public, err := url.Parse(c.S3Public)
		if err != nil || public.Host == "" || public.Scheme != "https" && public.Scheme != "http" {
			return nil, advise(fmt.Errorf("%q cannot be the address of files", c.S3Public), "Give --s3-public an address such as https://files.example.org/media.")
		}
		s.origin = public.Scheme + "://" + public.Host
	}
	bucket, err := media.OpenBucket(ctx, media.BucketConfig{
		Endpoint: c.S3Endpoint, Bucket: c.S3Bucket, Region: c.S3Region, Key: c.S3Key, Secret: c.S3Secret, Public: strings.TrimSuffix(c.S3Public, "/"),
	})
	return bucket, advise(err, "Look at --s3-endpoint, --s3-bucket, --s3-key and --s3-secret.")
}

func (s *shelf) close() error {
	if s == nil {
		return nil
	}
	if s.client != nil {
		s.client.Close()
	}
	if s.disk == nil {
		return nil
	}
	return s.disk.Close()
}

func (s *shelf) mount(mux *http.ServeMux, log *slog.Logger) {
	(&files.Files{Depot: s.depot, Seal: s.seal, Log: log}).Mount(mux)
}

// fileTypes is what is asked for of other nodes; what comes is judged by its bytes.
const fileTypes = "image/*, video/*, audio/*"

func (s *shelf) fetch(ctx context.Context, address string) ([]byte, error) {
	response, err := s.client.Get(ctx, address, fileTypes, nil)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// permitFile keeps out what is of a host that this node has nothing to do with, also where it was fetched before.
func (n *node) permitFile(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return n.permit(strings.ToLower(u.Hostname()))
}

// filesAreKept puts a file where the node keeps them, and takes it away again.
func filesAreKept(ctx context.Context, n *node) (string, error) {
	s := &shelf{}
	store, err := s.open(ctx, n.Config)
	if err != nil {
		return "", err
	}
	probe := "probe/" + strings.ToLower(rand.Text())
	err = errors.Join(store.Put(ctx, probe, strings.NewReader("?"), 1, "text/plain"), store.Delete(ctx, probe), s.close())
	finding := "in the data folder"
	if s.disk == nil {
		finding = "in the bucket " + n.S3Bucket
	}
	if media.FindTools() == (media.Tools{}) {
		finding += "; no video and sound: there is no ffmpeg"
	}
	return finding, err
}

// picture takes in a picture of an actor from a file of this machine; nil for none.
func (n *node) picture(ctx context.Context, of *communities.Actor, purpose communities.Purpose, name string) (_ *communities.Image, err error) {
	if name == "" {
		return nil, nil //nolint:nilnil // the picture stays
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	m, err := n.files.depot.Take(ctx, communities.Upload{Owner: of.ID, By: n.self.ID, Purpose: purpose}, file, info.Size(), false)
	if err != nil {
		return nil, err
	}
	return &communities.Image{Media: m.ID}, nil
}
