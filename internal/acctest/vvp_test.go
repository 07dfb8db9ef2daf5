package acctest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestVVP asks the stand-in of Ververica Platform in each way that tests have it.
func TestVVP(t *testing.T) {
	SkipUnlessAcceptance(t)
	for name, start := range map[string]func(t *testing.T) *VVPHandle{
		"played":         func(t *testing.T) *VVPHandle { return VVP(t, "2.15.1") },
		"newer":          func(t *testing.T) *VVPHandle { return VVP(t, "3.1.3") },
		"access control": func(t *testing.T) *VVPHandle { return VVP(t, "2.15.1", AccessControl) },
		"by an operator": func(t *testing.T) *VVPHandle { return VVPOn(t, "2.15.1", Cluster(t, "1.16")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			FirstCLIOnly(t)
			server := start(t)
			kubernetes := "flink"
			if name == "by an operator" {
				kubernetes = Cluster(t, "1.16").Namespace(t)
			}
			namespace := server.NamespaceIn(t, kubernetes)
			at := "api/v1/namespaces/" + namespace + "/deployments"
			code, answer := server.Call(t, http.MethodPost, at, fmt.Sprintf(`{"kind":"Deployment","metadata":{"name":"orders"},"spec":{"deploymentTargetName":%q,
				"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"local:///opt/flink/usrlib/orders.jar"}}}}}`, namespace))
			if code != http.StatusCreated {
				t.Fatalf("it is answered with %d: %s", code, answer)
			}
			for deadline := time.Now().Add(time.Minute); !strings.Contains(answer, `"running":{`); _, answer = server.Call(t, http.MethodGet, at+"/orders", "") {
				if time.Now().After(deadline) {
					t.Fatalf("it does not run: %s", answer)
				}
			}
			server.Make(Trouble{Path: "system-info", Times: 1, Code: http.StatusServiceUnavailable})
			for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.Endpoint+"/api/v1/status/system-info", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("Authorization", "Bearer "+server.Token)
				got, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				got.Body.Close()
				if got.StatusCode != want {
					t.Errorf("the trouble is answered with %d, want %d", got.StatusCode, want)
				}
			}
		})
	}
}
