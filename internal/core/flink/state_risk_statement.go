package flink

// statementPath leads to the SQL that a job of Ververica Platform runs (SqlScriptArtifact).
var statementPath = Path{"ververica", "deploymentTemplate", "spec", "artifact", "sqlScript"}

// statementRisks is what may become of the state of a SQL job with other statements: the planner
// makes the operators, and Flink promises nothing for the state of another query
// (docs/dev/table/concepts/overview, "Stateful upgrades and evolution").
func statementRisks(from, to DeploymentSpec, _ Carried) []StateRisk {
	before, was := statementsOf(from)
	after, is := statementsOf(to)
	if !was || !is || before == after {
		return nil
	}
	return []StateRisk{{
		Path: statementPath, Verdict: VerdictWarn,
		Summary: "Flink decides when the job starts whether the changed SQL reads the state of before",
		Detail: "The planner builds another job from other statements. Where an operator has changed, Flink refuses the savepoint, and where it looks the same, the old state counts on in the new query. " +
			"To begin again, set upgrade.mode = \"stateless\" and upgrade.allow_state_loss = true for this change.",
	}}
}

func statementsOf(spec DeploymentSpec) (string, bool) {
	if spec.Ververica == nil {
		return "", false
	}
	text, ok := ValueAt(Tree(spec.Ververica.DeploymentTemplate), statementPath[2:]).(string)
	return text, ok
}
