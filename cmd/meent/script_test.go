package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"meent/storage/media"
	"meent/storage/storagetest"
)

func TestMain(m *testing.M) {
	if media.Called() {
		os.Exit(media.Work())
	}
	testscript.Main(m, map[string]func(){"meent": main})
}

// Each script drives the program by its commands, on each database. It finds a free port in $PORT and the node's address in $URL.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("find scripts: %d, %v", len(files), err)
	}
	storagetest.Each(t, func(t *testing.T, _ string) {
		database := filepath.Base(t.Name())
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				testscript.Run(t, testscript.Params{
					Files:               []string{file},
					RequireExplicitExec: true,
					RequireUniqueNames:  true,
					Cmds:                map[string]func(*testscript.TestScript, bool, []string){"get": getPage, "line": readLine},
					Setup:               func(env *testscript.Env) error { return furnish(t, env, database) },
				})
			})
		}
	})
}

func furnish(t *testing.T, env *testscript.Env, database string) error {
	if database == "postgres" {
		env.Setenv("MEENT_DATABASE", storagetest.Postgres(t))
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a free port: %w", err)
	}
	port := strconv.Itoa(socket.Addr().(*net.TCPAddr).Port)
	env.Setenv("PORT", port)
	env.Setenv("URL", "http://localhost:"+port)
	env.Setenv("MEENT_LISTEN", "127.0.0.1:"+port)
	return socket.Close()
}

// waitForStart is how long a node may take until it answers: far longer than it does.
const waitForStart = 20 * time.Second

// getPage is the script command "get FILE URL [HEADER:VALUE ...]": the status line, the headers and the body of an answer go into FILE. It
// waits for a node that is starting.
func getPage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: get FILE URL [HEADER:VALUE ...]")
	}
	request, err := http.NewRequest(http.MethodGet, args[1], nil)
	ts.Check(err)
	for _, header := range args[2:] {
		name, value, _ := strings.Cut(header, ":")
		request.Header.Set(name, value)
	}
	response, err := answerOf(request)
	ts.Check(err)
	defer response.Body.Close()
	var text strings.Builder
	fmt.Fprintln(&text, response.Proto, response.Status)
	ts.Check(response.Header.Write(&text))
	_, err = io.Copy(&text, response.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text.String()), 0o600))
}

func answerOf(request *http.Request) (*http.Response, error) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	began := time.Now()
	for {
		response, err := client.Do(request)
		if err == nil || time.Since(began) > waitForStart {
			return response, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// readLine is the script command "line NAME FILE": the environment variable NAME becomes what FILE says, without the line end.
func readLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: line NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}
