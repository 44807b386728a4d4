// Meent is a federated community node for municipalities. This package is where the rooms are wired together: it reads the
// configuration, opens the archive, ties town and road, and offers them to browsers, apps and the command line. Nothing imports it,
// so its configuration cannot become a global of anybody else's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"meent/storage/media"
)

//go:generate go run . docs ../../docs

// program is the whole command line: the settings, which every command shares, and the commands.
type program struct {
	Config

	Serve         serveCommand         `cmd:"" help:"Run the node. Makes what is missing on the first start."`
	Setup         setupCommand         `cmd:"" help:"Make what a node needs, without running it."`
	Person        personCommand        `cmd:"" help:"People of this node."`
	Group         groupCommand         `cmd:"" help:"Groups of this node."`
	Post          postCommand          `cmd:"" help:"What people of this node write, and do with what is written."`
	Follow        followCommand        `cmd:"" help:"Let a person or group of this node follow somebody, here or elsewhere."`
	Host          hostCommand          `cmd:"" help:"Other servers: what this node decided about them."`
	Invite        inviteCommand        `cmd:"" help:"Codes by which people can sign up."`
	Registrations registrationsCommand `cmd:"" help:"How one comes to live here without being asked."`
	Announce      announceCommand      `cmd:"" help:"Notices to everybody here."`
	Emoji         emojiCommand         `cmd:"" help:"Pictures that people can put in texts."`
	Text          textCommand          `cmd:"" help:"What the node says of itself."`
	Rule          ruleCommand          `cmd:"" help:"Rules of the house."`
	Audit         auditCommand         `cmd:"" help:"What was decided by those who look after the node."`
	Token         tokenCommand         `cmd:"" help:"Keys by which apps and scripts act as a person."`
	Keys          keysCommand          `cmd:"" help:"Keys by which other nodes recognise this one."`
	Migrate       migrateCommand       `cmd:"" help:"The tables of the archive."`
	Doctor        doctorCommand        `cmd:"" help:"Look whether the node is healthy, and say how to mend what is not."`
	Version       versionCommand       `cmd:"" help:"Print the version."`
	Docs          docsCommand          `cmd:"" hidden:"" help:"Write the reference pages of the handbook."`
}

func main() {
	if media.Called() {
		os.Exit(media.Work())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// terminal is where a command reads and writes: results go to out, explanations to err.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// say prints a result or what was done.
func (t terminal) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// explain prints what a script that reads the results does not want.
func (t terminal) explain(format string, args ...any) { fmt.Fprintf(t.err, format+"\n", args...) }

// run does one command and returns the exit code: 0 done, 1 failed, 2 not understood (80 where kong says so itself).
func run(ctx context.Context, args []string, t terminal) int {
	p := &program{}
	parser, err := newParser(p, t)
	if err != nil {
		t.explain("meent: %v", err)
		return 2
	}
	command, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%v", err)
		t.explain("`meent --help` lists the commands, `meent COMMAND --help` what one takes.")
		return 2
	}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(&p.Config, t); err != nil {
		fail(t, err)
		return 1
	}
	return 0
}

func newParser(p *program, t terminal) (*kong.Kong, error) {
	return kong.New(p,
		kong.Name("meent"),
		kong.Description("A federated community node for municipalities. Without settings it keeps its archive in ./data and answers on "+defaultURL+"."),
		kong.Writers(t.out, t.err),
		kong.Configuration(readEnvFile),
		kong.Vars{"default_url": defaultURL},
		kong.PostBuild(nameEnvironment),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: helpWidth, ValueFormatter: describe}),
		kong.ExplicitGroups(groups()),
		kong.UsageOnError(),
	)
}

// advised is an error that knows the way out.
type advised struct {
	error
	advice string
}

func (a advised) Unwrap() error { return a.error }

// advise says what to do about err; nil stays nil.
func advise(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return advised{err, fmt.Sprintf(format, args...)}
}

func fail(t terminal, err error) {
	t.explain("meent: %v", err)
	if a := (advised{}); errors.As(err, &a) {
		t.explain("%s", a.advice)
	}
}
