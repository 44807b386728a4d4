package storage

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
)

// bell wakes the workers of this process after a commit. River itself does so only for tasks inserted outside a transaction, and polls for
// the others; so its driver gets a listener that hears this bell.
type bell chan *riverdriver.Notification

// newTask is what River's producer listens to.
var newTask = &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + river.QueueDefault + `"}`}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- newTask:
	default: // it rings already
	}
}

// bellDriver is River's driver for a database, with the bell for a listener.
type bellDriver struct {
	riverdriver.Driver[*sql.Tx]
	bell bell
}

func (bellDriver) SupportsListener() bool     { return true }
func (bellDriver) SupportsListenNotify() bool { return false } // saves a notification per task: the bell serves

func (d bellDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return listener{d.bell}
}

// listener has nothing to connect to.
type listener struct{ bell bell }

func (listener) Close(context.Context) error            { return nil }
func (listener) Connect(context.Context) error          { return nil }
func (listener) Listen(context.Context, string) error   { return nil }
func (listener) Ping(context.Context) error             { return nil }
func (listener) Schema() string                         { return "" }
func (listener) SetAfterConnectExec(string)             {}
func (listener) Unlisten(context.Context, string) error { return nil }

func (l listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case n := <-l.bell:
		return n, nil
	}
}
