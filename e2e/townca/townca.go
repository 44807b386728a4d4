// Package townca is the town hall of the test towns: it gives the nodes and the foreign servers of an end-to-end test or a
// demo a name, an address on loopback, and a certificate by which they trust one another over real https, and which nobody
// else trusts.
package townca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// lifetime is long enough for a demo that stays up over a holiday and short enough that nobody comes to rely on it.
const lifetime = 30 * 24 * time.Hour

// clockSkew lets a certificate serve a process whose clock is somewhat behind ours.
const clockSkew = time.Hour

// Authority issues certificates from one root that lives in one directory. It is safe for concurrent use.
type Authority struct {
	dir  string
	root *x509.Certificate
	key  crypto.Signer

	hosts sync.Mutex // one at a time settles
}

// Certificate is what a TLS server needs, as PEM files.
type Certificate struct {
	CertFile string // the host's certificate
	KeyFile  string // its private key, readable by the owner only
	CAFile   string // the root to trust, for NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and the like
}

// Open returns the authority that lives in dir, and founds it, directory and all, if there is none yet. The root's key
// is kept beside its certificate, so that a demo's nodes still trust each other after a restart. One process at a time
// may open a directory.
func Open(dir string) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the authority's directory: %w", err)
	}
	town, err := load(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return found(dir)
	}
	return town, err
}

// CAFile is the PEM file of the root certificate.
func (a *Authority) CAFile() string { return filepath.Join(a.dir, "ca.pem") }

// Pool trusts this authority and nobody else.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// Issue writes cert.pem, key.pem and ca.pem for the given host names or IP addresses into a directory that bears the
// first one's name. Asking again for the same first name replaces its certificate.
func (a *Authority) Issue(names ...string) (Certificate, error) {
	if len(names) == 0 || names[0] == "" {
		return Certificate{}, errors.New("issue a certificate: no name given")
	}
	dir := filepath.Join(a.dir, "hosts.d", names[0])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Certificate{}, fmt.Errorf("issue a certificate for %s: %w", names[0], err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Certificate{}, fmt.Errorf("make a key for %s: %w", names[0], err)
	}
	der, err := x509.CreateCertificate(rand.Reader, hostTemplate(names), a.root, key.Public(), a.key)
	if err != nil {
		return Certificate{}, fmt.Errorf("sign the certificate of %s: %w", names[0], err)
	}
	issued := Certificate{
		CertFile: filepath.Join(dir, "cert.pem"),
		KeyFile:  filepath.Join(dir, "key.pem"),
		CAFile:   filepath.Join(dir, "ca.pem"),
	}
	return issued, errors.Join(
		writeCertificate(issued.CertFile, der),
		writeKey(issued.KeyFile, key),
		writeCertificate(issued.CAFile, a.root.Raw),
	)
}

// found makes a new root and writes it to dir.
func found(dir string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the root key: %w", err)
	}
	template := rootTemplate()
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("sign the root certificate: %w", err)
	}
	// The key goes first: a run that is cut short leaves a key without a certificate, which the next run replaces.
	if err := writeKey(filepath.Join(dir, "ca-key.pem"), key); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "hosts"), nil, 0o600); err != nil {
		return nil, fmt.Errorf("make the hosts file: %w", err)
	}
	if err := writeCertificate(filepath.Join(dir, "ca.pem"), der); err != nil {
		return nil, err
	}
	return load(dir)
}

// load reads the root of dir; the error is fs.ErrNotExist when dir has none.
func load(dir string) (*Authority, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem"))
	if err != nil {
		return nil, fmt.Errorf("load the root: %w", err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("load the root: a %T cannot sign", pair.PrivateKey)
	}
	return &Authority{dir: dir, root: pair.Leaf, key: key}, nil
}

func rootTemplate() *x509.Certificate {
	template := certificate("Meent test towns, worth nothing elsewhere")
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign
	return template
}

func hostTemplate(names []string) *x509.Certificate {
	template := certificate(names[0])
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return template
}

// certificate leaves the serial number to CreateCertificate, which draws one that RFC 5280 4.1.2.2 allows.
func certificate(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: name},
		NotBefore: now.Add(-clockSkew),
		NotAfter:  now.Add(lifetime),
	}
}

func writeCertificate(file string, der []byte) error {
	return writePEM(file, "CERTIFICATE", der)
}

func writeKey(file string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode %s: %w", file, err)
	}
	return writePEM(file, "PRIVATE KEY", der)
}

func writePEM(file, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
