package flink

import "testing"

func TestStateRisksOfOtherStatements(t *testing.T) {
	t.Parallel()
	of := func(template Document) DeploymentSpec {
		return DeploymentSpec{Ververica: &Ververica{DeploymentTemplate: template}}
	}
	sql := func(text string) DeploymentSpec {
		return of(Document{"spec": Tree{"artifact": Tree{"kind": "SQLSCRIPT", "sqlScript": text}}})
	}
	for name, test := range map[string]struct {
		from, to DeploymentSpec
		risks    int
	}{
		"another query":       {sql("SELECT SUM(a)"), sql("SELECT MAX(a)"), 1},
		"the same":            {sql("SELECT SUM(a)"), sql("SELECT SUM(a)"), 0},
		"none before":         {of(nil), sql("SELECT SUM(a)"), 0},
		"none at all":         {DeploymentSpec{}, DeploymentSpec{}, 0},
		"not of the platform": {DeploymentSpec{}, sql("SELECT SUM(a)"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			risks := StateRisks(test.from, test.to, CanonicalSavepoint)
			if len(risks) != test.risks {
				t.Fatalf("%+v", risks)
			}
			for _, risk := range risks {
				if risk.Verdict != VerdictWarn || risk.Path.Attribute() != "ververica.deployment_template.spec.artifact.sqlScript" && risk.Path.Attribute() != "ververica.deployment_template" {
					t.Errorf("%+v at %s", risk, risk.Path.Attribute())
				}
			}
		})
	}
}
