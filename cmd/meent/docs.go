package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"
)

type docsCommand struct {
	Folder string `arg:"" help:"Where the pages go."`
}

// Run writes the pages that are made from the command line itself, so that they cannot say something else.
func (d docsCommand) Run(app *kong.Kong, t terminal) error {
	for name, text := range map[string]string{
		"configuration.md": configurationPage(app.Model),
		"commands.md":      commandsPage(app.Model),
	} {
		if err := os.WriteFile(filepath.Join(d.Folder, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		t.say("wrote %s", filepath.Join(d.Folder, name))
	}
	return nil
}

const configurationIntro = `# Configuration

<!-- Made from cmd/meent/config.go by ` + "`go generate ./cmd/meent`" + `. Do not edit. -->

` + "`meent serve`" + ` needs no setting at all: it keeps an SQLite archive in ` + "`./data`" + ` and answers on ` + defaultURL + `. What a real node needs
is a public URL, and TLS of its own or a proxy in front:

` + "```" + `
meent serve --listen :443 --autocert --public-url https://praat.example.org --data /var/lib/meent
` + "```" + `

Each setting is a flag, an environment variable, or a line ` + "`NAME=VALUE`" + ` of the file that ` + "`--config`" + ` names, by the name of its
environment variable. A flag beats the environment, which beats the file. All commands share the settings of the node, so that
` + "`meent person add`" + ` finds the archive that ` + "`meent serve`" + ` works on; only ` + "`serve`" + ` obeys those about answering.

The public URL is part of every id that other servers keep. It is remembered in the archive at the first start, so commands need
not repeat it, and another one is refused.

`

func configurationPage(model *kong.Application) string {
	var b strings.Builder
	b.WriteString(configurationIntro)
	for _, group := range groups() {
		fmt.Fprintf(&b, "## %s\n\n| Flag | Environment | Meaning |\n|---|---|---|\n", strings.TrimSuffix(group.Title, ":"))
		for _, flag := range model.Flags {
			if flag.Group != nil && flag.Group.Key == group.Key {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", usage(flag), environment(flag), meaning(flag))
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func usage(flag *kong.Flag) string {
	if flag.IsBool() {
		return "--" + flag.Name
	}
	return "--" + flag.Name + " " + flag.FormatPlaceHolder()
}

func environment(flag *kong.Flag) string {
	if len(flag.Envs) == 0 {
		return ""
	}
	return "`" + flag.Envs[0] + "`"
}

func meaning(flag *kong.Flag) string {
	help := strings.ReplaceAll(flag.Help, "|", `\|`)
	if flag.HasDefault && flag.Default != "" {
		help += " Default: `" + flag.Default + "`."
	}
	return help
}

const commandsIntro = `# Commands

<!-- Made from cmd/meent by ` + "`go generate ./cmd/meent`" + `. Do not edit. -->

Every command takes the settings of the node as well: see [configuration](configuration.md). All of them work while the node runs.
Results go to standard output, explanations to standard error; the exit code is 0 when it is done, 1 when it failed and 2 when the
command was not understood.

`

func commandsPage(model *kong.Application) string {
	var b strings.Builder
	b.WriteString(commandsIntro)
	for _, leaf := range model.Leaves(true) {
		fmt.Fprintf(&b, "## meent %s\n\n%s\n\n", leaf.Path(), leaf.Help)
		if leaf.Detail != "" {
			fmt.Fprintf(&b, "%s\n\n", leaf.Detail)
		}
		writeParts(&b, leaf)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func writeParts(b *strings.Builder, leaf *kong.Node) {
	if len(leaf.Positional)+len(leaf.Flags) == 0 {
		return
	}
	b.WriteString("| Argument | Meaning |\n|---|---|\n")
	for _, argument := range leaf.Positional {
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.ToUpper(argument.Name), argument.Help)
	}
	for _, flag := range leaf.Flags {
		fmt.Fprintf(b, "| `%s` | %s |\n", usage(flag), meaning(flag))
	}
	b.WriteString("\n")
}
