package vvp

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSessions has a deployment on a session cluster.
func TestSessions(t *testing.T) {
	const shared = `{"kind":"SessionCluster","metadata":{"name":"shared"},"spec":{"state":"RUNNING","deploymentTargetName":"here","flinkVersion":"1.20","flinkImageTag":"1.20.1",
		"numberOfTaskManagers":1,"resources":{"jobmanager":{"cpu":1,"memory":"1G"},"taskmanager":{"cpu":1,"memory":"1G"}},"logging":{}}}`
	with(t, Options{}, func(c *client) {
		c.must(http.MethodPost, in("sessionclusters"), shared)
		c.become("STARTING", "sessionclusters/shared")
		c.must(http.MethodPost, in("deployments"), strings.ReplaceAll(orders("", ""), `"deploymentTargetName":"here"`, `"sessionClusterName":"shared"`))
		c.become(stateRunning, "sessionclusters/shared")
		is := c.become(stateRunning, "deployments/orders")
		if got := c.events(is); !strings.Contains(got, "CREATING_A_NEW_JOB AWAITING_FOR_A_CLUSTER_TO_SPIN_UP AWAITING_A_JOB_TO_START") {
			t.Errorf("the events are %s", got)
		}
		c.must(http.MethodPatch, in("sessionclusters/shared"), `{"spec":{"numberOfTaskManagers":2}}`)
		c.become("UPDATING", "sessionclusters/shared")
		c.become(stateRunning, "sessionclusters/shared")
		for part, body := range map[string]string{
			"only the state and the number": `{"spec":{"flinkImageTag":"1.20.2"}}`,
			"'orders' is RUNNING":           `{"spec":{"state":"STOPPED"}}`,
		} {
			c.refused(http.StatusConflict, part, http.MethodPatch, in("sessionclusters/shared"), body)
		}
		c.refused(http.StatusConflict, "still referenced", http.MethodDelete, in("sessionclusters/shared"), "")
		c.must(http.MethodPatch, in("deployments/orders"), `{"spec":{"state":"CANCELLED"}}`)
		c.become(stateCancelled, "deployments/orders")
		c.must(http.MethodDelete, in("deployments/orders"), "")
		c.refused(http.StatusConflict, "has to be STOPPED", http.MethodDelete, in("sessionclusters/shared"), "")
		c.must(http.MethodPatch, in("sessionclusters/shared"), `{"spec":{"state":"STOPPED"}}`)
		c.become(stateStopped, "sessionclusters/shared")
		c.must(http.MethodPut, in("sessionclusters/shared"), strings.ReplaceAll(shared, "1.20.1", "1.20.2"))
		c.become(stateRunning, "sessionclusters/shared")
		c.must(http.MethodPatch, in("sessionclusters/shared"), `{"spec":{"state":"STOPPED"}}`)
		c.become(stateStopped, "sessionclusters/shared")
		c.must(http.MethodDelete, in("sessionclusters/shared"), "")
	})
}

// TestNamespaces makes a namespace and deletes it with what runs in it.
func TestNamespaces(t *testing.T) {
	const at = "/namespaces/v1/namespaces"
	with(t, Options{}, func(c *client) {
		c.must(http.MethodPost, at, `{"name":"namespaces/shop","roleBindings":[{"role":"owner","members":["system:authenticated"]}]}`)
		c.refused(http.StatusConflict, "already exists", http.MethodPost, at, `{"name":"namespaces/shop"}`)
		c.refused(http.StatusBadRequest, "must not be set", http.MethodPut, at+"/shop", `{"name":"namespaces/shop","lifecyclePhase":"LIFECYCLE_PHASE_ACTIVE"}`)
		c.must(http.MethodPut, at+"/shop", `{"name":"namespaces/shop","roleBindings":[]}`)
		inShop := "/api/v1/namespaces/shop/"
		c.must(http.MethodPost, inShop+"deployment-targets", `{"metadata":{"name":"here"}}`)
		c.must(http.MethodPost, inShop+"deployments", orders("", ""))
		time.Sleep(20 * pace)
		gone := part(c.must(http.MethodDelete, at+"/shop", ""), "namespace")
		if gone["lifecyclePhase"] != "LIFECYCLE_PHASE_TERMINATING" {
			t.Errorf("it is %v", gone)
		}
		c.refused(http.StatusConflict, "is being deleted", http.MethodPost, inShop+"deployment-targets", `{"metadata":{"name":"there"}}`)
		time.Sleep(20 * pace)
		c.refused(http.StatusNotFound, "not found", http.MethodGet, at+"/shop", "")
		c.refused(http.StatusBadRequest, "cannot be deleted", http.MethodDelete, at+"/default", "")
	})
	with(t, Options{Version: "3.1.3"}, func(c *client) {
		c.refused(http.StatusBadRequest, "workspace", http.MethodPost, at, `{"name":"namespaces/shop"}`)
	})
	with(t, Options{Community: true}, func(c *client) {
		c.refused(http.StatusForbidden, "Community Edition", http.MethodPost, at, `{"name":"namespaces/shop"}`)
	})
}

// TestTokens has requests with several tokens, or none.
func TestTokens(t *testing.T) {
	with(t, Options{Auth: true, Token: "admin"}, func(c *client) {
		token := func(namespace, role string) string {
			answer := c.must(http.MethodPost, "/apitokens/v1/namespaces/"+namespace+"/apitokens", `{"name":"namespaces/`+namespace+`/apitokens/`+role+`","role":"`+role+`"}`)
			return text(part(answer, "apiToken"), "secret")
		}
		c.must(http.MethodPost, "/namespaces/v1/namespaces", `{"name":"namespaces/closed","roleBindings":[]}`)
		owner, viewer := token("default", "owner"), token("default", "viewer")
		if got := c.must(http.MethodGet, "/apitokens/v1/namespaces/default/apitokens/owner", ""); part(got, "apiToken")["secret"] != nil {
			t.Errorf("a secret is shown again: %v", got)
		}
		for _, test := range []struct {
			token, method, path string
			code                int
		}{
			{"", http.MethodGet, in("deployments"), http.StatusUnauthorized},
			{"wrong", http.MethodGet, in("deployments"), http.StatusUnauthorized},
			{"admin", http.MethodGet, "/namespaces/v1/namespaces", http.StatusOK},
			{"admin", http.MethodGet, "/api/v1/namespaces/closed/deployments", http.StatusForbidden},
			{owner, http.MethodGet, in("deployments"), http.StatusOK},
			{owner, http.MethodGet, "/api/v1/namespaces/closed/deployments", http.StatusForbidden},
			{owner, http.MethodGet, "/namespaces/v1/namespaces", http.StatusForbidden},
			{owner, http.MethodGet, "/api/v1/status/system-info", http.StatusOK},
			{owner, http.MethodDelete, in("deployment-targets/here"), http.StatusOK},
			{viewer, http.MethodGet, in("deployments"), http.StatusOK},
			{viewer, http.MethodGet, in("secret-values"), http.StatusForbidden},
			{viewer, http.MethodDelete, in("deployments/orders"), http.StatusForbidden},
		} {
			c.token = test.token
			if code, answer := c.ask(test.method, test.path, ""); code != test.code {
				t.Errorf("%s %s is answered with %d: %v, want %d", test.method, test.path, code, answer, test.code)
			}
		}
	})
}

// TestManaged does not write to what the platform's own operator manages.
func TestManaged(t *testing.T) {
	for version, code := range map[string]int{"2.15.1": http.StatusOK, "3.1.3": http.StatusForbidden} {
		with(t, Options{Version: version}, func(c *client) {
			c.must(http.MethodPost, in("deployments"), orders(`"standin.flink/managed":"true"`, `"state":"CANCELLED",`))
			both := c.must(http.MethodGet, in("deployments/with-cr/orders"), "")
			if part(both, "customResource")["kind"] != "VvpDeployment" || nameOf(part(both, "deployment")) != "orders" {
				t.Errorf("it is %v", both)
			}
			for _, method := range []string{http.MethodPatch, http.MethodDelete} {
				if got, _ := c.ask(method, in("deployments/orders"), "{}"); got != code {
					t.Errorf("%s: %s is answered with %d, want %d", version, method, got, code)
				}
			}
		})
	}
}
