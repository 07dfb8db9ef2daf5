package operator

import "testing"

func TestOwnNames(t *testing.T) {
	for name, want := range map[string]bool{
		"orders-5c9f7bd8f":         true,
		"orders-5c9f7bd8f-x2x1b":   true,
		"orders-taskmanager-1-1":   true,
		"orders-taskmanager-6d4cf": true,
		"orders-archive-5c9f7-x2x": false,
		"payments-5c9f7bd8f":       false,
		"ordersold-5c9f7bd8f":      false,
	} {
		if got := ownName(name, "orders"); got != want {
			t.Errorf("ownName(%q) = %v, want %v", name, got, want)
		}
	}
}
