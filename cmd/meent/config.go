package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

const (
	defaultURL = "http://localhost:8080"
	helpWidth  = 120
)

// Config is every setting of a node. Each field is a flag, an environment variable (MEENT_ and the name of the flag, such as
// MEENT_PUBLIC_URL), and a line of the file that --config names; a flag beats the environment, which beats the file. Help and
// docs/configuration.md are made from this struct as well.
type Config struct {
	File kong.ConfigFlag `name:"config" group:"node" placeholder:"FILE" help:"Read settings from a file of lines such as MEENT_LISTEN=:443, as systemd and containers read them."`

	Data      string `group:"node" default:"data" type:"path" placeholder:"DIR" help:"Folder for everything that the node keeps."`
	Database  string `group:"node" placeholder:"URL" help:"Archive: sqlite:PATH, or postgres://USER@HOST/NAME. Default: sqlite:DIR/meent.db."`
	PublicURL string `group:"node" name:"public-url" placeholder:"URL" help:"Address under which the world knows the node, such as https://praat.gemeente.nl. It is part of every id, so it is remembered at the first start and cannot change. Default: ${default_url}."`
	NodeName  string `group:"node" placeholder:"NAME" help:"Name of the node as people read it. Default: the host of the public URL."`
	Timezone  string `group:"node" default:"Europe/Amsterdam" placeholder:"ZONE" help:"Time zone in which pages show dates (IANA name)."`

	SMTP         string `group:"node" name:"smtp" placeholder:"URL" help:"Server that takes mail: smtp://USER:PASSWORD@HOST:PORT, or smtps://. Without it the node sends no mail, and links are printed by commands."`
	MailFrom     string `group:"node" placeholder:"ADDRESS" help:"Address that mail comes from. Default: post@ and the host of the public URL."`
	Contact      string `group:"node" placeholder:"NAME" help:"Person of this node whom apps show as the one to turn to."`
	ContactEmail string `group:"node" placeholder:"ADDRESS" help:"Address to turn to, for everybody to see."`

	PublishPeers    string `group:"node" default:"all" enum:"nobody,people,all" placeholder:"WHO" help:"Who may read which servers this node knows: nobody, people (of this node) or all."`
	PublishActivity string `group:"node" default:"all" enum:"nobody,people,all" placeholder:"WHO" help:"Who may read the figures of the last weeks."`
	PublishBlocks   string `group:"node" default:"nobody" enum:"nobody,people,all" placeholder:"WHO" help:"Who may read which servers this node keeps out."`
	Trends          bool   `group:"node" default:"true" negatable:"" help:"Count what is talked about, for apps to show."`
	AllowedOnly     bool   `group:"node" help:"Deal with no server but those that 'meent host allow' names."`

	AuthorizedFetch bool `group:"node" help:"Show documents only to servers that sign their requests. Blocked servers then cannot read along, and some software can no longer find this node."`

	TranslationService string `group:"node" default:"" enum:",libretranslate,deepl" placeholder:"SERVICE" help:"Let people have public posts translated: libretranslate or deepl. Their text goes to that service. Default: nobody translates."`
	TranslationURL     string `group:"node" name:"translation-url" placeholder:"URL" help:"Public https address of the translation service. DeepL needs none."`
	TranslationKey     string `group:"node" placeholder:"KEY" help:"Key by which the translation service knows the node."`

	Listen         string         `group:"serving" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to answer on."`
	TLSCert        string         `group:"serving" name:"tls-cert" type:"existingfile" and:"tls" xor:"certificate" placeholder:"FILE" help:"Certificate chain (PEM), to answer with TLS without a proxy."`
	TLSKey         string         `group:"serving" name:"tls-key" type:"existingfile" and:"tls" placeholder:"FILE" help:"Private key (PEM) of --tls-cert."`
	Autocert       bool           `group:"serving" xor:"certificate" help:"Get and renew a certificate from Let's Encrypt for the host of the public URL. Answer on port 443 for this, which is where the authority asks."`
	TrustedProxies []netip.Prefix `group:"serving" placeholder:"PREFIX" help:"Networks of reverse proxies whose X-Forwarded-For header is believed, such as 127.0.0.1/32. From others it is ignored."`
	MetricsListen  string         `group:"serving" placeholder:"HOST:PORT" help:"Serve /metrics on an address of its own as well. On the main address it answers only to the machine itself, and never through a proxy."`

	MediaKeepRemote int64  `group:"media" default:"5120" placeholder:"MIB" help:"Pictures and other files of other nodes that are kept at most, in MiB. Those that nobody has looked at for longest go first."`
	S3Endpoint      string `group:"media" name:"s3-endpoint" and:"s3" placeholder:"URL" help:"Keep files in a bucket at this server that speaks the protocol of S3, instead of in the data folder."`
	S3Bucket        string `group:"media" name:"s3-bucket" and:"s3" placeholder:"NAME" help:"Name of the bucket. It must be there."`
	S3Region        string `group:"media" name:"s3-region" placeholder:"NAME" help:"Region of the bucket, where the server wants one."`
	S3Key           string `group:"media" name:"s3-key" and:"s3" placeholder:"KEY" help:"Access key of the bucket."`
	S3Secret        string `group:"media" name:"s3-secret" and:"s3" placeholder:"SECRET" help:"Secret that belongs to --s3-key. Better in the environment or the file than on the command line."`
	S3Public        string `group:"media" name:"s3-public" placeholder:"URL" help:"Address under which everybody can fetch the files of the bucket. Without it the node hands them out itself."`

	LogFormat string `group:"log" default:"text" enum:"text,json" placeholder:"FORMAT" help:"Form of the log: text or json."`
	LogLevel  string `group:"log" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"Least weight of what is logged: debug (with every request), info, warn or error."`

	DevLoopback bool   `group:"development" help:"Allow requests to 127.0.0.0/8, and plain http there."`
	DevHosts    string `group:"development" type:"existingfile" placeholder:"FILE" help:"Lines of a hosts file that go before name look-up."`
	DevCA       string `group:"development" name:"dev-ca" type:"existingfile" placeholder:"FILE" help:"Certificates (PEM) of an authority to trust besides the system's."`
}

// groups are the headings of the settings.
func groups() []kong.Group {
	return []kong.Group{
		{Key: "node", Title: "The node:"},
		{Key: servingGroup, Title: "Answering (serve):"},
		{Key: "media", Title: "Files (serve):"},
		{Key: "log", Title: "Log:"},
		{Key: "development", Title: "Development only, never on a node that real people use:"},
	}
}

const servingGroup = "serving"

// database returns the address of the archive.
func (c *Config) database() string {
	if c.Database != "" {
		return c.Database
	}
	return "sqlite:" + filepath.Join(c.Data, "meent.db")
}

// development names the settings in force that no real node may have.
func (c *Config) development() []string {
	var names []string
	for name, on := range map[string]bool{"--dev-loopback": c.DevLoopback, "--dev-hosts": c.DevHosts != "", "--dev-ca": c.DevCA != ""} {
		if on {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// localURL is the public URL of a node that nobody gave one: for this machine only.
func (c *Config) localURL() string {
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return defaultURL
	}
	return "http://localhost:" + port
}

// zone returns the time zone of pages.
func (c *Config) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return nil, advise(fmt.Errorf("time zone %q is not known", c.Timezone), "Take an IANA name such as Europe/Amsterdam for --timezone.")
	}
	return zone, nil
}

// parsePublicURL returns the URL in the one form that ids begin with: scheme and host, without a slash at the end.
func parsePublicURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.Path+u.RawQuery+u.Fragment != "" || u.User != nil {
		return "", advise(fmt.Errorf("%q cannot be a public URL", text), "Give --public-url a scheme and a host and nothing more, such as https://praat.gemeente.nl.")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// nameEnvironment gives each setting its environment variable. What a single command takes has none.
func nameEnvironment(k *kong.Kong) error {
	for _, flag := range k.Model.Flags {
		if flag.Name != "help" && flag.Name != "config" {
			flag.Envs = []string{environmentName(flag.Name)}
			flag.Tag.Envs = flag.Envs
		}
	}
	return nil
}

func environmentName(flag string) string {
	return "MEENT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// printHelp leaves out what only serve obeys where another command is asked about.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if node := ctx.Selected(); node != nil && node.Name != "serve" {
		for _, flag := range ctx.Model.Flags {
			flag.Hidden = flag.Hidden || flag.Group != nil && flag.Group.Key == servingGroup
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// describe adds the default and the environment variable to the help of a setting.
func describe(value *kong.Value) string {
	help := value.Help
	if value.HasDefault && value.Default != "" {
		help += " Default: " + value.Default + "."
	}
	if len(value.Tag.Envs) > 0 {
		help += " ($" + value.Tag.Envs[0] + ")"
	}
	return help
}

// ensureData makes the folder of the archive, readable by its owner alone.
func (c *Config) ensureData() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return advise(fmt.Errorf("make the data folder: %w", err), "Choose a folder that you may write in with --data.")
	}
	return nil
}
