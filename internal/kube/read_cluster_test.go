package kube_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

func TestReadingManyObjectsIsOneList(t *testing.T) {
	e := setUp(t)
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			if _, err := e.client.Create(e.ctx, gauges, e.gauge(t, fmt.Sprintf("many-%02d", i), fmt.Sprintf("{size: %d}", i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	reader := e.connect(t, nil)
	for i := range 30 {
		wg.Go(func() {
			obj, err := reader.Read(e.ctx, gauges, e.key(fmt.Sprintf("many-%02d", i)))
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff(map[string]any{"size": int64(i)}, spec(obj)); diff != "" || !kube.HasManager(obj) {
				t.Errorf("many-%02d: ours %v, %s", i, kube.HasManager(obj), diff)
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[string]int{"list gauges": 1}, reader.Requests()); diff != "" {
		t.Error(diff)
	}
	tagged := e.gauge(t, "tagged", "{}")
	tagged.SetLabels(map[string]string{"app": "orders"})
	if _, err := e.client.Create(e.ctx, gauges, tagged); err != nil {
		t.Fatal(err)
	}
	found, err := e.client.List(e.ctx, gauges, e.namespace, "app=orders")
	if err != nil || len(found) != 1 || found[0].GetName() != "tagged" || found[0].GetKind() != "Gauge" {
		t.Errorf("by label: %v, %v", found, err)
	}
}

func TestTwentyFollowersShareOneWatch(t *testing.T) {
	e := setUp(t)
	const followers, versions = 20, 5
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var all []<-chan kube.Change
	for i := range followers {
		all = append(all, e.client.Follow(ctx, gauges, e.key(fmt.Sprintf("f-%d", i))))
	}
	for i := range all {
		if change := <-all[i]; change.Object != nil || change.Err != nil || change.Deleted {
			t.Fatalf("what does not exist begins with %+v", change)
		}
	}
	for i := range followers {
		for size := range versions {
			if _, err := e.client.Apply(e.ctx, gauges, e.gauge(t, fmt.Sprintf("f-%d", i), fmt.Sprintf("{size: %d}", size)), kube.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.client.Delete(e.ctx, gauges, e.key(fmt.Sprintf("f-%d", i)), ""); err != nil {
			t.Fatal(err)
		}
	}
	for i, changes := range all {
		for size := range versions {
			change := <-changes
			if change.Object == nil {
				t.Fatalf("f-%d ends at version %d: %+v", i, size, change)
			}
			if diff := cmp.Diff(map[string]any{"size": int64(size)}, spec(change.Object)); diff != "" {
				t.Errorf("f-%d: %s", i, diff)
			}
		}
		if change := <-changes; !change.Deleted {
			t.Errorf("f-%d ends with %+v", i, change)
		}
	}
	if got := e.client.Requests(); got["watch gauges"] != 1 || got["list gauges"] != 1 || got["get gauges"] != 0 {
		t.Errorf("requests %v", got)
	}
	cancel()
	for range all[0] {
		t.Error("a change after the end")
	}
}

// line is a connection to the API server that can be cut.
type line struct {
	target string

	mu       sync.Mutex
	address  string
	listener net.Listener
	open     []net.Conn
}

func newLine(t *testing.T, endpoint string) *line {
	t.Helper()
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{target: u.Host, address: "127.0.0.1:0"}
	l.join(t)
	t.Cleanup(l.cut)
	return l
}

func (l *line) join(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	listener, err := net.Listen("tcp", l.address)
	if err != nil {
		t.Fatal(err)
	}
	l.listener, l.address = listener, listener.Addr().String()
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", l.target)
			if err != nil {
				in.Close()
				continue
			}
			l.mu.Lock()
			l.open = append(l.open, in, out)
			l.mu.Unlock()
			go func() { _, _ = io.Copy(in, out); in.Close() }()
			go func() { _, _ = io.Copy(out, in); out.Close() }()
		}
	}()
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listener.Close()
	for _, conn := range l.open {
		conn.Close()
	}
	l.open = nil
}

func TestFollowingAcrossAnOutage(t *testing.T) {
	e := setUp(t)
	l := newLine(t, e.cluster.Endpoint)
	behind := e.connect(t, func(c *kube.Config) {
		c.Host, c.Insecure = "https://"+l.address, true
	})
	changes := behind.Follow(e.ctx, gauges, e.key("first"))
	if change := <-changes; change.Object == nil {
		t.Fatalf("begins with %+v", change)
	}
	l.cut()
	if _, err := e.client.Apply(e.ctx, gauges, e.gauge(t, "first", "{size: 8}"), kube.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	change := <-changes
	var unreachable *kube.UnreachableError
	if !errors.As(change.Err, &unreachable) || !strings.Contains(change.Err.Error(), l.address) {
		t.Errorf("the outage shows as %+v", change)
	}
	l.join(t)
	for change.Err != nil {
		change = <-changes
	}
	if change.Object == nil {
		t.Fatalf("after the outage: %+v", change)
	}
	if diff := cmp.Diff(map[string]any{"size": int64(8)}, spec(change.Object)); diff != "" {
		t.Error(diff)
	}
}

func TestReadingFromADeadClusterFailsInTime(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	silent := "https://" + listener.Addr().String()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "https://" + closed.Addr().String()
	closed.Close()
	for name, endpoint := range map[string]string{"refusing": refusing, "silent": silent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := kube.Connect(kube.Config{Host: endpoint, Insecure: true})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			var wg sync.WaitGroup
			for range 10 { // as many as Terraform reads at once
				wg.Go(func() {
					for i := range 20 {
						_, err := client.Read(t.Context(), gauges, kube.Key{Namespace: "ns", Name: fmt.Sprint(i)})
						var unreachable *kube.UnreachableError
						if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), endpoint) {
							t.Errorf("got %T %v", err, err)
						}
					}
				})
			}
			wg.Wait()
			if took := time.Since(start); took > 15*time.Second {
				t.Errorf("200 reads took %s to fail", took)
			}
		})
	}
}

func TestEventsTellWarningsNewestFirst(t *testing.T) {
	e := setUp(t)
	resource := e.cluster.Client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "events"}).Namespace(e.namespace)
	now := time.Now().UTC().Truncate(time.Second)
	for _, text := range []string{
		`{metadata: {name: a}, type: Warning, reason: Old, message: m, involvedObject: {kind: Pod, name: p, uid: u1}, lastTimestamp: "` + now.Add(-time.Hour).Format(time.RFC3339) + `", count: 3}`,
		`{metadata: {name: b}, type: Warning, reason: New, message: m, involvedObject: {kind: Gauge, name: g, uid: u2}, lastTimestamp: "` + now.Add(time.Hour).Format(time.RFC3339) + `"}`,
		`{metadata: {name: c}, type: Normal, reason: Fine, message: m, involvedObject: {kind: Pod, name: p, uid: u1}}`,
		`{metadata: {name: d}, type: Warning, reason: Other, message: m, involvedObject: {kind: Pod, name: q, uid: u3}}`,
	} {
		event := object(t, text)
		event.SetAPIVersion("v1")
		event.SetKind("Event")
		event.SetNamespace(e.namespace)
		if err := unstructured.SetNestedField(event.Object, e.namespace, "involvedObject", "namespace"); err != nil {
			t.Fatal(err)
		}
		if _, err := resource.Create(e.ctx, event, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := e.client.Events(e.ctx, e.namespace, kube.Involved{UID: "u1"}, kube.Involved{Kind: "Gauge", Name: "g"})
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, event := range got {
		reasons = append(reasons, fmt.Sprintf("%s %s/%s x%d", event.Reason, event.Object.Kind, event.Object.Name, event.Count))
	}
	if diff := cmp.Diff([]string{"New Gauge/g x1", "Old Pod/p x3"}, reasons); diff != "" {
		t.Error(diff)
	}
	// The server says its time in whole seconds.
	if off := got[0].Last.Sub(now.Add(time.Hour)); off.Abs() > 2*time.Second {
		t.Errorf("last seen %s", got[0].Last)
	}
}
