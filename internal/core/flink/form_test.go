package flink

import (
	"strings"
	"testing"
	"time"
)

func TestParseBlueGreen(t *testing.T) {
	for _, test := range []struct {
		name  string
		texts map[string]string
		want  BlueGreen
		err   string
	}{
		{name: "defaults", want: BlueGreen{Engine: EngineAuto, AbortGracePeriod: 10 * time.Minute, ServiceType: "ClusterIP"}},
		{
			name:  "all",
			texts: map[string]string{"engine": "operator", "abort_grace_period": "90s", "deletion_delay": "1 h", "service_type": "NodePort"},
			want:  BlueGreen{Engine: EngineOperator, AbortGracePeriod: 90 * time.Second, DeletionDelay: time.Hour, ServiceType: "NodePort"},
		},
		{name: "an unknown choice", texts: map[string]string{"color": "red"}, err: "there is no color; there are abort_grace_period, deletion_delay, engine, service_type"},
		{name: "an unknown engine", texts: map[string]string{"engine": "steam"}, err: `engine is one of auto, provider, operator, not "steam"`},
		{name: "no duration", texts: map[string]string{"deletion_delay": "soon"}, err: `upgrade.blue_green["deletion_delay"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseBlueGreen(test.texts)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
