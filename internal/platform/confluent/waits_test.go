package confluent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// crowd is a server of one collection of the environment prod.
type crowd struct {
	*httptest.Server

	collection, kind string

	mu sync.Mutex
	// statuses are those of the objects by name, and hidden what the list does not have.
	statuses map[string]any
	hidden   map[string]bool
	// refuses is answered in the place of a list; away breaks all connections.
	refuses int
	away    bool
	// reads is called when something has been read the next time, before it is answered.
	reads func()
	lists int
	gets  map[string]int
}

// newCrowd returns a server of so many objects, thing-0 and so on, and a client of it
// for a test with a clock of its own: for that no connection may wait for the next
// request, and what waits in the server is none of the clock's.
func newCrowd(t *testing.T, collection, kind string, number int, status any) (*crowd, *Client) {
	t.Helper()
	c := &crowd{collection: collection, kind: kind, statuses: map[string]any{}, hidden: map[string]bool{}, gets: map[string]int{}}
	for i := range number {
		c.statuses[fmt.Sprint("thing-", i)] = status
	}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(c.serve))
	c.Config.SetKeepAlivesEnabled(false)
	c.Start()
	t.Cleanup(c.Close)
	client, err := Connect(rest.Config{Endpoint: c.URL}, func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, client
}

func (c *crowd) object(name string) map[string]any {
	return map[string]any{
		"apiVersion": apiVersion, "kind": c.kind, "status": c.statuses[name],
		"metadata": map[string]any{"name": name, "uid": "uid of " + name}, "spec": map[string]any{"type": "SHARED"},
	}
}

func (c *crowd) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.Trim(strings.TrimPrefix(r.URL.Path, "/cmf/api/v1/environments/prod/"+c.collection), "/")
	code, answer, reads := c.answer(r, name)
	if code == 0 {
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			connection.Close()
		}
		return
	}
	if reads != nil {
		reads()
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}

func (c *crowd) answer(r *http.Request, name string) (code int, answer any, reads func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodPut:
		return http.StatusOK, c.object(name), nil
	case name != "":
		c.gets[name]++
		if c.away {
			return 0, nil, nil
		}
		if c.statuses[name] == nil {
			return http.StatusNotFound, nil, nil
		}
		reads, c.reads = c.reads, nil
		return http.StatusOK, c.object(name), reads
	case strings.HasSuffix(r.URL.Path, "/system-information"):
		return http.StatusOK, map[string]any{"status": map[string]any{"version": "2.4.1"}}, nil
	case query.Get("size") == "1":
		// Whether the collection is there.
		return http.StatusOK, map[string]any{}, nil
	}
	c.lists++
	if c.refuses != 0 || c.away {
		return c.refuses, nil, nil
	}
	var names []string
	for name := range c.statuses {
		if !c.hidden[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	number, _ := strconv.Atoi(query.Get("page"))
	size, _ := strconv.Atoi(query.Get("size"))
	items := []any{}
	for _, name := range names[min(number*size, len(names)):min((number+1)*size, len(names))] {
		items = append(items, c.object(name))
	}
	reads, c.reads = c.reads, nil
	return http.StatusOK, map[string]any{"pageable": map[string]any{"page": number, "size": size}, "items": items}, reads
}

// set changes what the server has.
func (c *crowd) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// asked returns how many lists, and how many objects singly, were asked for since the
// last call.
func (c *crowd) asked() (lists, gets int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, number := range c.gets {
		gets += number
	}
	lists = c.lists
	c.lists, c.gets = 0, map[string]int{}
	return lists, gets
}

func phase(is string) any { return map[string]any{"phase": is} }

// waiting is a wait for a pool.
type waiting struct {
	known platform.ComputePool
	err   error
	ended time.Time
	stop  context.CancelFunc
}

// await begins waits for pools, and returns them with what waits for their end.
func await(t *testing.T, client *Client, number int) ([]*waiting, *sync.WaitGroup) {
	t.Helper()
	pools := client.ComputePools()
	waits, done := make([]*waiting, number), &sync.WaitGroup{}
	for i := range waits {
		ctx, stop := context.WithCancel(t.Context())
		waits[i] = &waiting{stop: stop}
		done.Go(func() {
			pool := platform.ComputePool{
				Described: platform.Described{Ref: platform.Ref{Namespace: "prod", Name: fmt.Sprint("thing-", i)}}, Type: platform.PoolShared, Phase: "PENDING",
			}
			waits[i].known, waits[i].err = pools.Await(ctx, pool)
			waits[i].ended = time.Now()
		})
	}
	return waits, done
}

// Many waits for objects of an environment cost what two cost, and each page of the
// list once more.
func TestWaitsShareALookAtTheirCollection(t *testing.T) {
	const span = 31 * time.Second
	asked := func(number int) (lists, gets int) {
		server, client := newCrowd(t, "compute-pools", "ComputePool", number, phase("PENDING"))
		synctest.Test(t, func(t *testing.T) {
			waits, done := await(t, client, number)
			time.Sleep(span)
			synctest.Wait()
			lists, gets = server.asked()
			for _, w := range waits {
				w.stop()
			}
			done.Wait()
			if waits[0].err == nil || waits[0].ended.Sub(waits[number-1].ended) != 0 {
				t.Errorf("the waits end with %v, not all at once", waits[0].err)
			}
			time.Sleep(time.Minute)
			if lists, gets := server.asked(); lists != 0 || gets != 0 {
				t.Errorf("after the last wait, %d lists and %d objects are asked for", lists, gets)
			}
		})
		return lists, gets
	}
	if lists, gets := asked(1); lists != 0 || gets < 8 {
		t.Errorf("one wait asks for %d lists and %d times for its object", lists, gets)
	}
	two, _ := asked(2)
	for number, pages := range map[int]int{2: 1, 20: 1, 99: 1, 150: 2} {
		lists, gets := asked(number)
		// The first wait is alone for a moment.
		if lists != two*pages || gets != 1 || lists/pages < 8 {
			t.Errorf("in %s, %d waits ask for %d lists and for %d objects, where two ask for %d lists", span, number, lists, gets, two)
		}
	}
}

// A wait ends with what a list has, and one for what no list has with what its own
// object says. Only a 404 of that means that it is gone.
func TestWaitsEnd(t *testing.T) {
	server, client := newCrowd(t, "compute-pools", "ComputePool", 5, phase("PENDING"))
	synctest.Test(t, func(t *testing.T) {
		waits, done := await(t, client, 5)
		time.Sleep(10 * time.Second)
		began := time.Now()
		server.asked()
		server.set(func() {
			server.statuses["thing-0"], server.statuses["thing-1"] = phase("RUNNING"), phase("FAILED")
			server.hidden["thing-2"], server.statuses["thing-2"] = true, phase("RUNNING")
			delete(server.statuses, "thing-3")
		})
		time.Sleep(longestPoll)
		synctest.Wait()
		waits[4].stop()
		done.Wait()
		if lists, gets := server.asked(); lists != 1 || gets != 2 {
			t.Errorf("%d lists and %d objects were asked for", lists, gets)
		}
		failed, absent := (*platform.RolloutError)(nil), (*platform.NotFoundError)(nil)
		for i, right := range []bool{
			waits[0].err == nil && waits[0].known.Phase == "RUNNING",
			errors.As(waits[1].err, &failed),
			waits[2].err == nil && waits[2].known.Phase == "RUNNING",
			errors.As(waits[3].err, &absent),
			errors.Is(waits[4].err, context.Canceled),
		} {
			if took := waits[i].ended.Sub(began); !right || took > longestPoll {
				t.Errorf("the wait %d ends after %s with %+v, %v", i, took, waits[i].known, waits[i].err)
			}
		}
	})
}

// Where no list is to be had, each wait reads its own object, and lists are not asked
// for again and again.
func TestWaitsWithoutLists(t *testing.T) {
	for _, code := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusBadRequest, http.StatusInternalServerError} {
		server, client := newCrowd(t, "compute-pools", "ComputePool", 3, phase("PENDING"))
		server.refuses = code
		synctest.Test(t, func(t *testing.T) {
			waits, done := await(t, client, 3)
			time.Sleep(50 * time.Second)
			synctest.Wait()
			// A server in trouble is asked again by the client itself.
			if lists, gets := server.asked(); lists > 7 || code < http.StatusInternalServerError && lists != 1 || gets < 3*8 {
				t.Errorf("after %d, %d lists and %d objects are asked for", code, lists, gets)
			}
			server.set(func() {
				for name := range server.statuses {
					server.statuses[name] = phase("RUNNING")
				}
			})
			done.Wait()
			for _, w := range waits {
				if w.err != nil {
					t.Errorf("after %d, a wait ends with %v", code, w.err)
				}
			}
		})
	}
}

// While the server is away, nothing but the list is asked for again and again, and the
// waits go on.
func TestWaitsOutliveAnOutage(t *testing.T) {
	server, client := newCrowd(t, "compute-pools", "ComputePool", 20, phase("PENDING"))
	synctest.Test(t, func(t *testing.T) {
		waits, done := await(t, client, 20)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		server.asked()
		server.set(func() { server.away = true })
		time.Sleep(time.Minute)
		synctest.Wait()
		if lists, gets := server.asked(); lists < 7 || lists > 30 || gets != 0 {
			t.Errorf("of a server that is away, %d lists and %d objects are asked for", lists, gets)
		}
		server.set(func() {
			server.away = false
			for name := range server.statuses {
				server.statuses[name] = phase("RUNNING")
			}
		})
		done.Wait()
		for _, w := range waits {
			if w.err != nil || w.known.Phase != "RUNNING" {
				t.Errorf("a wait ends with %+v, %v", w.known, w.err)
			}
		}
	})
}

// What was asked for before an object was written says nothing of it, also when the
// answer comes after that: of a list, and of the object itself.
func TestWaitsSeeNothingFromBeforeAWrite(t *testing.T) {
	for _, number := range []int{1, 2} {
		server, client := newCrowd(t, "compute-pools", "ComputePool", number, phase("PENDING"))
		pools := kind[poolSpec, poolStatus]{client: client, name: "ComputePool", parent: "Environment", in: func(of string) []string { return at("environments", of, "compute-pools") }}
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			phases, done := make([][]string, number), sync.WaitGroup{}
			for i := range phases {
				done.Go(func() {
					for news := range pools.waits("prod").Source(fmt.Sprint("thing-", i))(ctx) {
						phases[i] = slices.Compact(append(phases[i], news.object.Status.Phase))
					}
				})
			}
			time.Sleep(10 * time.Second)
			synctest.Wait()
			// The server reads the old phases, and the object is written before the answer
			// is there.
			server.set(func() {
				for name := range server.statuses {
					server.statuses[name] = phase("OLD")
				}
				server.reads = func() {
					server.set(func() { server.statuses["thing-0"] = phase("NEW") })
					if _, err := pools.replace(context.Background(), platform.Ref{Namespace: "prod", Name: "thing-0"}, object[poolSpec, poolStatus]{}); err != nil {
						t.Error(err)
					}
				}
			})
			time.Sleep(longestPoll)
			synctest.Wait()
			cancel()
			done.Wait()
			for i, want := range [][]string{{"PENDING", "NEW"}, {"PENDING", "OLD"}}[:number] {
				if !slices.Equal(phases[i], want) {
					t.Errorf("%d waits: of object %d, the phases %q are seen", number, i, phases[i])
				}
			}
		})
	}
}

// Those who follow applications of an environment ask together, too, and are told of
// one that is gone.
func TestApplicationsAreFollowedTogether(t *testing.T) {
	server, client := newCrowd(t, "applications", applicationKind, 20, map[string]any{"lifecycleState": "CREATED"})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		deployments := kube.Kind{GroupVersionResource: schema.GroupVersionResource{Resource: "flinkdeployments"}, Kind: "FlinkDeployment"}
		states, done := make([][]string, 20), sync.WaitGroup{}
		for i := range states {
			done.Go(func() {
				for change := range client.applications().Follow(ctx, deployments, kube.Key{Namespace: "prod", Name: fmt.Sprint("thing-", i)}) {
					switch {
					case change.Err != nil:
						states[i] = append(states[i], change.Err.Error())
					case change.Deleted:
						states[i] = append(states[i], "deleted")
					default:
						states[i] = append(states[i], fko.StatusOf(change.Object).LifecycleState)
					}
					states[i] = slices.Compact(states[i])
				}
			})
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		server.asked()
		server.set(func() {
			server.statuses["thing-0"] = map[string]any{"lifecycleState": "STABLE"}
			delete(server.statuses, "thing-1")
		})
		time.Sleep(3 * longestFollow)
		synctest.Wait()
		if lists, gets := server.asked(); lists != 3 || gets != 3 {
			t.Errorf("20 who follow ask for %d lists and %d objects", lists, gets)
		}
		cancel()
		done.Wait()
		for i, want := range [][]string{{"CREATED", "STABLE"}, {"CREATED", "deleted"}, {"CREATED"}} {
			if !slices.Equal(states[i], want) {
				t.Errorf("application %d: saw %q", i, states[i])
			}
		}
	})
}
