package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// BucketConfig says where a bucket is that speaks the protocol of S3.
type BucketConfig struct {
	Endpoint string // https://HOST, or http://HOST:PORT on the machine itself
	Bucket   string
	Region   string // "": whichever the server says
	Key      string
	Secret   string
	Public   string // address under which everybody can fetch the files; "": the node hands them out
}

// Bucket keeps files at a server that speaks the protocol of S3.
type Bucket struct {
	client *minio.Client
	bucket string
	public string
}

// OpenBucket looks whether the bucket is there.
func OpenBucket(ctx context.Context, c BucketConfig) (*Bucket, error) {
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "https" && endpoint.Scheme != "http" {
		return nil, fmt.Errorf("%q is not the address of an S3 server", c.Endpoint)
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.Key, c.Secret, ""), Secure: endpoint.Scheme == "https", Region: c.Region,
	})
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", c.Endpoint, err)
	}
	there, err := client.BucketExists(ctx, c.Bucket)
	if err != nil {
		return nil, fmt.Errorf("look for the bucket %s at %s: %w", c.Bucket, c.Endpoint, err)
	}
	if !there {
		return nil, fmt.Errorf("there is no bucket %s at %s", c.Bucket, c.Endpoint)
	}
	return &Bucket{client: client, bucket: c.Bucket, public: c.Public}, nil
}

// cacheForever is for those who fetch from the bucket: under one name there is always the same.
const cacheForever = "public, max-age=31536000, immutable"

// Put implements [Store].
func (b *Bucket) Put(ctx context.Context, name string, content io.Reader, size int64, mediaType string) error {
	if err := checkName(name); err != nil {
		return err
	}
	options := minio.PutObjectOptions{ContentType: mediaType, CacheControl: cacheForever}
	if _, err := b.client.PutObject(ctx, b.bucket, name, content, size, options); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return nil
}

// Open implements [Store].
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	object, err := b.client.GetObject(ctx, b.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	if _, err := object.Stat(); err != nil {
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			err = fs.ErrNotExist
		}
		return nil, errors.Join(fmt.Errorf("open %s: %w", name, err), object.Close())
	}
	return object, nil
}

// Delete implements [Store].
func (b *Bucket) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := b.client.RemoveObject(ctx, b.bucket, name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

// Public implements [Store].
func (b *Bucket) Public(name string) string {
	if b.public == "" {
		return ""
	}
	return b.public + "/" + name
}
