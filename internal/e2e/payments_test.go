//go:build e2e

package e2e

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-terraform/terraform-provider-flink/internal/kafka/kafkatest"
)

// newBroker starts a real Kafka broker where pods reach it. It ends with the test.
func newBroker(t *testing.T) kafkatest.Broker {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("..", "devcluster", "real", "broker"))
	if err != nil {
		t.Fatal(err)
	}
	// It ends with the command that it runs, which ends with its input.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), script, "with", "sh", "-c", "env | grep ^FLINK_TEST_KAFKA; echo ready; cat")
	cmd.Env, cmd.Stderr = append(os.Environ(), "BROKER_HOST="+facing(t)), os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the broker: %s", err)
		}
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if lines.Text() == "ready" {
			return kafkatest.Find(t)
		}
		name, value, _ := strings.Cut(lines.Text(), "=")
		t.Setenv(name, value)
	}
	t.Fatal("the broker does not start; its own words are above")
	return kafkatest.Broker{}
}

// Topics of the payments in Kafka.
const (
	topicLines    = "payment-lines"
	topicRejected = "payment-lines.rejected"
	topicScored   = "scored"
)

// accounts is how many accounts make payments, in turn.
const accounts = 7

// account, cents, nth and total are those of the payment with a number: what the
// application has to say of it, by a sum that needs no state.
func account(number int64) string { return "a" + strconv.FormatInt(number%accounts, 10) }
func cents(number int64) int64    { return 1 + number*37%1000 }
func nth(number int64) int64      { return (number-1)/accounts + 1 }

func total(number int64) int64 {
	sum := int64(0)
	for ; number > 0; number -= accounts {
		sum += cents(number)
	}
	return sum
}

// payments puts numbered payments in at one end of the application, and counts what
// comes out at the other. Some lines that are no payments go in between.
type payments struct {
	t       *testing.T
	in, out *kgo.Client
	// put is the number of the last payment that the broker has, and invalid how many lines
	// it has that are none.
	put, invalid atomic.Int64
	stop         context.CancelFunc
	stopped      chan struct{}
	// scored are for each payment the models and names with which it came out.
	scored map[int64][]string
	// whole is the number up to which all payments came out.
	whole    int64
	rejected map[string]int
}

func newPayments(t *testing.T, broker kafkatest.Broker) *payments {
	t.Helper()
	client := func(options ...kgo.Opt) *kgo.Client {
		client, err := kgo.NewClient(append(options, kgo.SeedBrokers(broker.Open))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		return client
	}
	return &payments{
		t: t, in: client(), scored: map[int64][]string{}, rejected: map[string]int{},
		out: client(kgo.ConsumeTopics(topicScored, topicRejected), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())),
	}
}

// begin puts in fifty payments a second from now on, until end.
func (p *payments) begin() {
	ctx, stop := context.WithCancel(p.t.Context())
	p.stop, p.stopped = stop, make(chan struct{})
	p.t.Cleanup(p.end)
	go func() {
		defer close(p.stopped)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for number := int64(1); ; number++ {
			records := []*kgo.Record{{Topic: topicLines, Key: []byte(account(number)), Value: fmt.Appendf(nil, "%d,%s,%d", number, account(number), cents(number))}}
			if number%25 == 0 {
				records = append(records, &kgo.Record{Topic: topicLines, Value: fmt.Appendf(nil, "%d is not a payment", number)})
			}
			// What is being put in is put in, also when the end comes.
			if err := p.in.ProduceSync(context.WithoutCancel(ctx), records...).FirstErr(); err != nil {
				p.t.Errorf("payment %d cannot be put in: %s", number, err)
				return
			}
			p.put.Store(number)
			p.invalid.Add(int64(len(records) - 1))
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// end puts in no more.
func (p *payments) end() {
	p.stop()
	<-p.stopped
}

// flow waits until a hundred payments that are put in from now on have come out, with all
// before them. It is an error when they do not, or say what they must not.
func (p *payments) flow() error {
	last := p.put.Load() + 100
	return p.until(func() bool { return p.whole >= last })
}

// all waits until all that was put in has come out.
func (p *payments) all() error {
	return p.until(func() bool { return p.whole == p.put.Load() && int64(len(p.rejected)) == p.invalid.Load() })
}

func (p *payments) until(done func() bool) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	for !done() {
		if err := p.read(ctx); err != nil {
			return fmt.Errorf("%d payments are put in and %d have come out, all of them up to number %d; of %d other lines %d: %w",
				p.put.Load(), len(p.scored), p.whole, p.invalid.Load(), len(p.rejected), err)
		}
	}
	return nil
}

// read takes what has come out since the last time, and waits for something.
func (p *payments) read(ctx context.Context) error {
	fetched := p.out.PollFetches(ctx)
	if err := fetched.Err(); err != nil {
		return err
	}
	wrong := 0
	var first error
	fetched.EachRecord(func(record *kgo.Record) {
		if record.Topic == topicRejected {
			p.rejected[string(record.Value)]++
		} else if err := p.take(string(record.Value)); err != nil {
			wrong++
			first = cmp.Or(first, err)
		}
	})
	for len(p.scored[p.whole+1]) > 0 {
		p.whole++
	}
	if first != nil {
		return fmt.Errorf("%d lines of %d are wrong: %w", wrong, fetched.NumRecords(), first)
	}
	return nil
}

// take checks a line against what the application has to say of its payment: that of
// an enriching job that has lost its state, or has seen a payment twice, is another.
func (p *payments) take(line string) error {
	fields := strings.Split(line, ",")
	if len(fields) != 8 {
		return fmt.Errorf("the application says %q", line)
	}
	number, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return fmt.Errorf("the application says %q: %w", line, err)
	}
	score := cents(number)*nth(number)*100/total(number) - 100
	model, name := fields[5], fields[6]
	want := fmt.Sprintf("%d,%s,%d,%d,%d,%s,%s,%d", number, account(number), cents(number), nth(number), total(number), model, name, score)
	if line != want {
		return fmt.Errorf("the application says %q, want %q", line, want)
	}
	p.scored[number] = append(p.scored[number], model+" "+name)
	return nil
}

// twice are the payments from one number to another that came out more than once, in order.
func (p *payments) twice(from, to int64) []int64 {
	var out []int64
	for number := from; number <= to; number++ {
		if len(p.scored[number]) > 1 {
			out = append(out, number)
		}
	}
	return out
}

// scoredBy are how many payments came out with a model and a name.
func (p *payments) scoredBy() map[string]int {
	out := map[string]int{}
	for _, by := range p.scored {
		for _, one := range by {
			out[one]++
		}
	}
	return out
}

// gaps is an error unless the payments of each account that came out more than once
// follow on one another, and came out once from each of two models.
func (p *payments) gaps(twice []int64, models ...string) error {
	last := map[string]int64{}
	for _, number := range twice {
		by := slices.Clone(p.scored[number])
		slices.Sort(by)
		if !slices.Equal(by, models) {
			return fmt.Errorf("payment %d came out from %q, want %q", number, by, models)
		}
		if before, seen := last[account(number)]; seen && number != before+accounts {
			return fmt.Errorf("payments %d and %d of account %s came out twice, and those between them once", before, number, account(number))
		}
		last[account(number)] = number
	}
	return nil
}
