package blueprint

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// TestTopicObject holds that each topic has a name that Kubernetes takes, that it keeps one that needs no change,
// and that no two of these are the same.
func TestTopicObject(t *testing.T) {
	t.Parallel()
	a := Application{Name: "payments"}
	tests := []struct{ key, want string }{
		{"orders", "payments-orders"},
		{"orders.v1", "payments-orders.v1"},
		{"orders-v1", "payments-orders-v1"},
		{"Orders", "payments-orders-"},
		{"ORDERS", "payments-orders-"},
		{"orders_v1", "payments-orders-v1-"},
		{"orders-", "payments-orders-"},
		{"orders..v1", "payments-orders.v1-"},
		{"orders.-v1", "payments-orders.v1-"},
		{".orders.", "payments-orders-"},
		{"___", "payments-"},
		{"...", "payments-"},
		{"", "payments-"},
		{"größe", "payments-gr--e-"},
	}
	seen := map[string]string{}
	for _, test := range tests {
		got := a.TopicObject(test.key)
		if problems := validation.IsDNS1123Subdomain(got); len(problems) > 0 {
			t.Errorf("%q: %q: %v", test.key, got, problems)
		}
		changed := test.want[len(test.want)-1] == '-'
		if hash := len("01234567"); changed && (len(got) != len(test.want)+hash || got[:len(test.want)] != test.want) || !changed && got != test.want {
			t.Errorf("%q: %q, want %q", test.key, got, test.want)
		}
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %q are both %q", other, test.key, got)
		}
		seen[got] = test.key
		if again := a.TopicObject(test.key); again != got {
			t.Errorf("%q: %q, then %q", test.key, got, again)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	if got := payments().Deployment("ingest"); got != "payments-ingest" {
		t.Errorf("deployment %q", got)
	}
	for _, test := range []struct {
		topic   Topic
		name    string
		managed bool
	}{
		{Topic{}, "orders", true},
		{Topic{Name: "orders-v1", Managed: new(true)}, "orders-v1", true},
		{Topic{Managed: new(false)}, "orders", false},
	} {
		if name, managed := test.topic.Named("orders"), test.topic.IsManaged(); name != test.name || managed != test.managed {
			t.Errorf("%+v: %q, managed %t", test.topic, name, managed)
		}
	}
}
