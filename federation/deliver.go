package federation

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/signature"
	"meent/federation/wire"
	"meent/storage"
)

const (
	claimLease  = 30 * time.Second       // a process that dies gives its hosts back after this
	workFor     = 15 * time.Second       // then no request is begun any more, so that the last ends within the lease
	idleLook    = time.Second            // how often to look for rows that another process wrote
	settlePause = 20 * time.Millisecond  // results are settled together
	settleMost  = 256                    // results in one transaction
	rowsPerLook = 32                     // rows of one host in memory
	maxLanes    = 256                    // hosts worked on at once
	perHost     = 4                      // requests under way to one healthy host
	fastLanes   = 64                     // requests under way that still count as quick
	slowAfter   = 500 * time.Millisecond // a request that takes longer gives its quick place to another
	postTimeout = 10 * time.Second

	mostStumbles = 4 // answers 500 in a row after which a host counts as failing
)

// carrier brings deliveries to their inboxes: at least once each, until a 2xx, a 410 or [giveUpAfter]. Deliveries of one object to one
// inbox keep their order, so that a Delete never overtakes its Create; a host that is slow or dead holds nobody else up.
//
// Rows in the archive are the truth and a host is claimed for a while before it is worked on, so that several processes share the work
// and a killed one loses nothing.
type carrier struct {
	*Road
	holder string
	bell   chan struct{}
	lanes  chan struct{}
	quick  chan struct{}
	done   chan result
	bodies *bodies
}

// Deliver carries rows out until ctx ends. holder names the process.
func (r *Road) Deliver(ctx context.Context, holder string) error {
	c := &carrier{
		Road: r, holder: holder, bell: r.bell, lanes: make(chan struct{}, maxLanes), quick: make(chan struct{}, fastLanes),
		done: make(chan result, settleMost), bodies: newBodies(r.archive),
	}
	if err := r.archive.WakeHosts(ctx, r.Now()); err != nil { // a start is a good moment to try the failing ones again
		return fmt.Errorf("start delivering: %w", err)
	}
	var settling sync.WaitGroup
	settling.Go(func() { c.settle(ctx) })
	c.run(ctx)
	close(c.done)
	settling.Wait()
	return nil
}

// Ring wakes the carrier: rows were committed.
func (r *Road) Ring() {
	select {
	case r.bell <- struct{}{}:
	default: // it is awake already
	}
}

func (c *carrier) run(ctx context.Context) {
	var lanes sync.WaitGroup
	defer lanes.Wait()
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.bell:
		case <-look.C:
		}
		again := c.look(ctx, &lanes)
		if again {
			look.Reset(0)
		} else {
			look.Reset(idleLook)
		}
	}
}

// look claims hosts that have something due and starts a lane for each. It tells whether there may be more.
func (c *carrier) look(ctx context.Context, lanes *sync.WaitGroup) bool {
	free := cap(c.lanes) - len(c.lanes)
	if free == 0 {
		return false
	}
	hosts, err := c.archive.ClaimHosts(ctx, c.holder, c.Now(), claimLease, free)
	if err != nil {
		c.Log.ErrorContext(ctx, "claim hosts to deliver to", "error", err)
		return false
	}
	if len(hosts) == 0 {
		return false
	}
	rows, err := c.archive.DueDeliveries(ctx, names(hosts), c.Now(), rowsPerLook)
	if err != nil {
		c.Log.ErrorContext(ctx, "read what is to be delivered", "error", err)
		return false
	}
	for _, host := range hosts {
		c.lanes <- struct{}{}
		lanes.Go(func() {
			defer func() { <-c.lanes }()
			c.carry(ctx, host, rows[host.Name])
		})
	}
	return len(hosts) == free
}

func names(hosts []storage.HostQueue) []string {
	list := make([]string, len(hosts))
	for i, h := range hosts {
		list[i] = h.Name
	}
	return list
}

// carry works on one host: a single request first when it failed last time, then a few at once, in order per object and inbox.
func (c *carrier) carry(ctx context.Context, host storage.HostQueue, rows []storage.Delivery) {
	route := &route{host: host, scheme: schemeFor(host), until: c.Now().Add(workFor), queues: inOrder(rows)}
	defer func() { c.done <- route.end() }()
	if len(route.queues) == 0 {
		return
	}
	if !c.carryQueue(ctx, route, route.queues[0]) {
		return
	}
	var hands sync.WaitGroup
	next := make(chan []storage.Delivery)
	for range min(perHost, len(route.queues)-1) {
		hands.Go(func() {
			for queue := range next {
				c.carryQueue(ctx, route, queue)
			}
		})
	}
	for _, queue := range route.queues[1:] {
		if route.ends(ctx, c.Now()) {
			break
		}
		next <- queue
	}
	close(next)
	hands.Wait()
}

// route is a host being worked on.
type route struct {
	host   storage.HostQueue
	queues [][]storage.Delivery

	until time.Time

	mu       sync.Mutex
	scheme   scheme
	down     *result // why nothing gets through any more
	stumbled int     // answers 500 in a row
}

// stumbles counts answers 500. One says that the host has trouble with this activity, several in a row that it has trouble.
func (r *route) stumbles(res result) result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if res.status != http.StatusInternalServerError {
		r.stumbled = 0
		return res
	}
	if r.stumbled++; r.stumbled >= mostStumbles {
		res.verdict = hostFailed
	}
	return res
}

// ends tells whether no further request shall be begun.
func (r *route) ends(ctx context.Context, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.down != nil || ctx.Err() != nil || now.After(r.until)
}

// end is the result of the work on the host as a whole.
func (r *route) end() result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down == nil {
		return result{host: r.host.Name, released: true}
	}
	return result{host: r.host.Name, released: true, verdict: hostFailed, wait: r.down.wait, reason: r.down.reason}
}

// inOrder parts rows into queues that may overtake one another: one per inbox and object.
func inOrder(rows []storage.Delivery) [][]storage.Delivery {
	type key struct{ inbox, object string }
	at := map[key]int{}
	var queues [][]storage.Delivery
	for _, row := range rows {
		k := key{row.Inbox, row.ObjectURI}
		i, ok := at[k]
		if !ok {
			i = len(queues)
			at[k] = i
			queues = append(queues, nil)
		}
		queues[i] = append(queues[i], row)
	}
	return queues
}

// carryQueue delivers one queue up to its first failure. It tells whether the host is well.
func (c *carrier) carryQueue(ctx context.Context, route *route, queue []storage.Delivery) (well bool) {
	for _, row := range queue {
		if route.ends(ctx, c.Now()) {
			return false
		}
		res := route.stumbles(c.carryOne(ctx, route, row))
		if ctx.Err() != nil && res.verdict != delivered {
			return false // we were stopped: this says nothing about the host
		}
		c.done <- res
		switch res.verdict {
		case hostFailed:
			route.mu.Lock()
			route.down = &res
			route.mu.Unlock()
			return false
		case rowFailed:
			return true // what comes after it in this queue must wait
		case delivered, dropped:
		}
	}
	return true
}

// carryOne makes one delivery, with a second knock in another scheme where the signature was refused.
func (c *carrier) carryOne(ctx context.Context, route *route, row storage.Delivery) result {
	release := c.takePlace(ctx)
	defer release()
	letter, err := c.bodies.get(ctx, row.ActivityID)
	if err != nil {
		return result{row: row, host: row.Host, verdict: rowFailed, reason: err.Error()}
	}
	route.mu.Lock()
	using := route.scheme
	route.mu.Unlock()
	res := c.post(ctx, row, letter, using)
	if !res.refused() {
		return res
	}
	other := using.other()
	second := c.post(ctx, row, letter, other)
	if second.verdict == delivered {
		second.scheme = other
		route.mu.Lock()
		route.scheme = other
		route.mu.Unlock()
	}
	return second
}

// takePlace waits for a quick place. A request that turns out slow gives it up, so that hanging hosts do not use up all places.
func (c *carrier) takePlace(ctx context.Context) (release func()) {
	select {
	case c.quick <- struct{}{}:
	case <-ctx.Done():
		return func() {}
	}
	var once sync.Once
	give := func() { once.Do(func() { <-c.quick }) }
	timer := time.AfterFunc(slowAfter, give)
	return func() {
		timer.Stop()
		give()
	}
}

func (c *carrier) post(ctx context.Context, row storage.Delivery, letter letter, using scheme) result {
	keys, err := c.keys.of(ctx, letter.actor)
	if err != nil {
		return result{row: row, host: row.Host, verdict: rowFailed, reason: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	answer, err := c.client.Post(ctx, row.Inbox, letter.bytes, wire.MediaType, using.pen(keys, letter.body, c.Now))
	c.metrics.delivery(answer.Status, err)
	return judge(row, answer, err)
}

// bodies keeps the activities that are being delivered, each parsed once for all its inboxes. Safe for concurrent use.
type bodies struct {
	archive *storage.DB
	mu      sync.Mutex
	letters map[communities.ActivityID]letter
}

// letter is an activity ready to be sent: its digest is made once.
type letter struct {
	actor *communities.Actor
	bytes []byte
	body  signature.Body
}

// maxLetters bounds the memory: activities under way at once are few, whatever the number of hosts.
const maxLetters = 64

func newBodies(archive *storage.DB) *bodies {
	return &bodies{archive: archive, letters: map[communities.ActivityID]letter{}}
}

func (b *bodies) get(ctx context.Context, id communities.ActivityID) (letter, error) {
	b.mu.Lock()
	defer b.mu.Unlock() // held while reading, so that a fan-out reads its activity once
	if l, ok := b.letters[id]; ok {
		return l, nil
	}
	activity, actor, err := b.archive.OutgoingActivity(ctx, id)
	if err != nil {
		return letter{}, fmt.Errorf("read activity %d to deliver: %w", id, err)
	}
	if len(b.letters) >= maxLetters {
		clear(b.letters)
	}
	l := letter{actor: actor, bytes: activity.Body, body: signature.NewBody(activity.Body)}
	b.letters[id] = l
	return l, nil
}

// pen signs requests in a scheme with an actor's keys.
func (s scheme) pen(keys pair, body signature.Body, now func() time.Time) fetch.Sign {
	return func(req *http.Request, _ []byte) error {
		if s == schemeEd25519 {
			return signature.Sign(req, body, keys.ed25519, signature.RFC9421, now())
		}
		if s == schemeRFC9421 {
			return signature.Sign(req, body, keys.rsa, signature.RFC9421, now())
		}
		return signature.Sign(req, body, keys.rsa, signature.Cavage, now())
	}
}
