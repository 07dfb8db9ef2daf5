package storm

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) { acctest.Main(m) }

// Variables of the environment that say how much of a storm it is.
const (
	// roundsVariable is the number of kills in all, and seedVariable what decides over them.
	roundsVariable = "STORM_ROUNDS"
	seedVariable   = "STORM_SEED"
)

// someRounds are enough to see that the storm blows.
const someRounds = 20

// TestAccStorm divides the rounds among deployments of all forms, which work at the same time. The seed decides what is
// done and how long after its begin the provider dies; where that is depends on the machine as well.
func TestAccStorm(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	rounds, seed := number(t, roundsVariable, someRounds), number(t, seedVariable, int(time.Now().UnixNano()%1e9))
	t.Logf("%s=%d %s=%d", seedVariable, seed, roundsVariable, rounds)
	lanes := []struct {
		name, operator string
		form           form
		others         []form
	}{
		{"in place, and other forms", acctest.Newest(), inPlace, []form{standalone, byProvider}},
		{"in place with the oldest operator", "1.7", inPlace, []form{standalone}},
		{"blue/green by the provider", acctest.Newest(), byProvider, nil},
		{"blue/green by the operator", acctest.Newest(), byOperator, nil},
	}
	for i, with := range lanes {
		t.Run(with.name, func(t *testing.T) {
			t.Parallel()
			cluster := acctest.Cluster(t, with.operator)
			l := &lane{
				t: t, cluster: cluster, namespace: cluster.Namespace(t), cli: acctest.NewCLI(t),
				random: rand.New(rand.NewPCG(uint64(seed), uint64(i))),
				form:   with.form, forms: append([]form{with.form}, with.others...), took: map[deed]time.Duration{},
			}
			for round := range (rounds + i) / len(lanes) {
				l.round(round)
			}
		})
	}
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		t.Fatalf("%s must be a positive number, and is %q", variable, text)
	}
	return n
}
