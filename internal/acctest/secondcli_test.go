package acctest

import "testing"

func TestFirstCLIOnly(t *testing.T) {
	t.Setenv(operatorsVariable, "")
	for value, want := range map[string]bool{"": true, "1": false} {
		t.Setenv(secondCLI, value)
		ran := false
		t.Run("value "+value, func(t *testing.T) {
			FirstCLIOnly(t)
			ran = true
		})
		if ran != want || (len(Operators()) > 1) != want {
			t.Errorf("with %s=%q it ran: %t, with the operators %v", secondCLI, value, ran, Operators())
		}
	}
}
