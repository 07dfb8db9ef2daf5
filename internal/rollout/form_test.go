package rollout

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
)

func TestChooseTheForm(t *testing.T) {
	t.Parallel()
	provider := flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineProvider}
	operator := flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineOperator}
	for _, test := range []struct {
		name, deployment, strategy, engine string
		runsOn                             string
		noJob                              bool
		kept, want                         flink.Form
		refused                            bool
	}{
		{name: "in place", strategy: flink.StrategyInPlace, engine: flink.EngineAuto},
		{name: "a new one", strategy: flink.StrategyBlueGreen, engine: flink.EngineAuto, want: provider},
		{name: "what exists stays", strategy: flink.StrategyBlueGreen, engine: flink.EngineAuto, kept: operator, want: operator},
		{name: "an engine", strategy: flink.StrategyBlueGreen, engine: flink.EngineOperator, kept: provider, want: operator},
		{name: "back to in place", strategy: flink.StrategyInPlace, engine: flink.EngineAuto, kept: operator},
		{name: "a session cluster", strategy: flink.StrategyBlueGreen, engine: flink.EngineAuto, noJob: true},
		{name: "a session job", strategy: flink.StrategyBlueGreen, engine: flink.EngineAuto, runsOn: "shared"},
		{name: "a name of 39", deployment: strings.Repeat("o", 39), strategy: flink.StrategyBlueGreen, engine: flink.EngineAuto, want: provider},
		{name: "a name of 40", deployment: strings.Repeat("o", 40), strategy: flink.StrategyBlueGreen, engine: flink.EngineAuto, want: provider, refused: true},
		{name: "a name of 40 in place", deployment: strings.Repeat("o", 40), strategy: flink.StrategyInPlace, engine: flink.EngineAuto},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var d Decision
			d.Kept, d.Strategy, d.BlueGreen.Engine = test.kept, test.strategy, test.engine
			if !test.noJob {
				d.Spec.Job = &flink.Job{}
			}
			findings := d.choose(Desired{Rules: platformtest.Known[0], Name: test.deployment, RunsOn: test.runsOn})
			if d.Form != test.want || flink.HasErrors(findings) != test.refused {
				t.Errorf("chose %+v, %v", d.Form, findings)
			}
		})
	}
}
