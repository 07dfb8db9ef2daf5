package provider

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// upgrading tells how often the framework had to read a state.
type upgrading struct {
	frameworkServer
	states int
}

func (u *upgrading) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	u.states++
	return u.frameworkServer.UpgradeResourceState(ctx, req)
}

func encode(t *testing.T, of tftypes.Type, value tftypes.Value) tfprotov6.DynamicValue {
	t.Helper()
	out, err := tfprotov6.NewDynamicValue(of, value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A state is read past the framework just as the framework reads it, and what the
// framework refuses is refused in its words.
func TestStatesAreReadAsTheFrameworkReadsThem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state   string
		version int64
		short   bool
	}{
		"all of it": {`{"id":"operator/shop/orders","name":"orders","environment":{"platform":null,"name":null,"namespace":"shop","settings":null},
			"flink_configuration":{"a":"1"},"job":null,"rollout":null,"status":null}`, 0, true},
		"an attribute that the schema lacks":              {`{"id":"operator/shop/orders","name":"orders","former":{"a":[1]}}`, 0, true},
		"an attribute of an object that the schema lacks": {`{"name":"orders","environment":{"namespace":"shop","former":"a"}}`, 0, true},
		"numbers and lists":                               {`{"name":"orders","upgrade":{"allow_state_loss":true},"rollout":{"revision":3,"because":["image"],"downtime":false}}`, 0, true},
		"nothing":                                         {`{}`, 0, true},
		"null":                                            {`null`, 0, true},
		"no list":                                         {`{"rollout":{"because":{"a":"b"}}}`, 0, false},
		"no text in a map":                                {`{"labels":{"a":{}}}`, 0, false},
		"a wrong type":                                    {`{"name":{"a":"b"}}`, 0, false},
		"another version":                                 {`{"name":"orders"}`, 7, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, resource := range []string{"flink_deployment", "flink_session_cluster", "flink_session_job"} {
				served, ok := NewServer("test")().(*server)
				if !ok {
					t.Fatal("there are no shortcuts")
				}
				framework := &upgrading{frameworkServer: served.frameworkServer}
				served.frameworkServer = framework
				request := func() *tfprotov6.UpgradeResourceStateRequest {
					return &tfprotov6.UpgradeResourceStateRequest{TypeName: resource, Version: test.version, RawState: &tfprotov6.RawState{JSON: []byte(test.state)}}
				}
				got, err := served.UpgradeResourceState(t.Context(), request())
				if err != nil {
					t.Fatal(err)
				}
				want, err := providerserver.NewProtocol6(New("test")())().UpgradeResourceState(t.Context(), request())
				if err != nil {
					t.Fatal(err)
				}
				of := served.shortcuts[resource]().Values()
				for _, answer := range []*tfprotov6.UpgradeResourceStateResponse{want, got} {
					if answer.UpgradedState == nil {
						continue
					}
					// One state may be given as JSON and the other one as MessagePack.
					state, err := answer.UpgradedState.Unmarshal(of)
					if err != nil {
						t.Fatal(err)
					}
					*answer.UpgradedState = encode(t, of, state)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: another answer than the framework's (-framework +server):\n%s", resource, diff)
				}
				if short := framework.states == 0; short != test.short {
					t.Errorf("%s: past the framework: %t, want %t", resource, short, test.short)
				}
			}
		})
	}
}
