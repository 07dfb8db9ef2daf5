package flinksql

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// judgedWithin is how long a gateway may take for one text. Its first one takes some
	// seconds.
	judgedWithin = time.Minute
	// askedAgain is how long it is left alone before it is asked whether it has finished.
	askedAgain = 10 * time.Millisecond
)

// Gateway judges by a Flink SQL gateway. Each text gets a session of its own, in which
// the earlier ones are carried out first. Nothing runs: the session names a target of
// execution that does not exist, so a text that would run is compiled to the end, and
// then fails for that alone.
type Gateway struct {
	address *url.URL
	client  *http.Client
}

// NewGateway returns the gateway at an address.
func NewGateway(address string) (*Gateway, error) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("%q is no address of an SQL gateway: it begins with http:// or https://", address)
	}
	return &Gateway{address: at, client: &http.Client{}}, nil
}

// Judge says what becomes of a text in a session.
func (g *Gateway) Judge(ctx context.Context, session Session, text Text) (Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, judgedWithin)
	defer cancel()
	s, err := g.open(ctx)
	if err != nil {
		return Verdict{}, err
	}
	defer s.end(ctx)
	for _, before := range setting(session, text) {
		if did, err := s.run(ctx, before); err != nil || did.refused != "" {
			return Verdict{}, fmt.Errorf("the session cannot be made, by %q: %w", before, cmp.Or(err, errors.New(did.refused)))
		}
	}
	did, err := s.run(ctx, onTopics(text.SQL))
	if err != nil {
		return Verdict{}, err
	}
	of, _, fault := parse(text.SQL)
	switch {
	case did.refused != "":
		verdict := Verdict{Kind: of.kind, Runs: of.runs, Refused: did.refused, Missing: isMissing(did.refused)}
		if strings.Contains(did.refused, "Encountered ") || strings.HasPrefix(did.refused, parseFault) || fault != "" {
			verdict.Kind, verdict.Runs = "", false
		}
		return verdict, nil
	case fault != "":
		return Verdict{}, fmt.Errorf("%q is taken by Flink, and the table of sentences says: %s", text.SQL, fault)
	case did.runs != of.runs || did.writes != of.writes:
		return Verdict{}, fmt.Errorf("%q is %s in the table of sentences, and Flink does with it: %+v", text.SQL, of.kind, did)
	}
	return Verdict{Kind: of.kind, Runs: did.runs, Defines: of.defines}, nil
}

// setting returns the statements that make a session.
func setting(session Session, text Text) []string {
	var statements []string
	there := map[string]bool{}
	add := func(catalog, database string) {
		if !there[catalog] && catalog != defaultCatalog {
			statements = append(statements, "CREATE CATALOG "+quote(catalog)+" WITH ('type'='generic_in_memory')")
		}
		there[catalog] = true
		statements = append(statements, "CREATE DATABASE IF NOT EXISTS "+quote(catalog)+"."+quote(database))
	}
	for _, catalog := range slices.Sorted(maps.Keys(session.Databases)) {
		for _, database := range session.Databases[catalog] {
			add(catalog, database)
		}
	}
	last := [2]string{defaultCatalog, defaultDatabase}
	stand := func(in Text) {
		if at := where(in); at != last {
			add(at[0], at[1])
			statements = append(statements, "USE "+quote(at[0])+"."+quote(at[1]))
			last = at
		}
	}
	for _, earlier := range session.Earlier {
		stand(earlier)
		statements = append(statements, onTopics(earlier.SQL))
	}
	stand(text)
	return statements
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// gatewaySession is a session of a gateway.
type gatewaySession struct {
	gateway *Gateway
	handle  string
}

func (g *Gateway) open(ctx context.Context) (gatewaySession, error) {
	var opened struct {
		Handle string `json:"sessionHandle"`
	}
	code, body, err := g.ask(ctx, http.MethodPost, map[string]any{"properties": map[string]string{"execution.target": "none"}}, "sessions")
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("the SQL gateway %s opens no session, but answers %d: %s", g.address, code, body)
	}
	if err == nil {
		err = json.Unmarshal(body, &opened)
	}
	return gatewaySession{g, opened.Handle}, err
}

// end closes the session. A gateway that cannot be reached any more forgets it by
// itself.
func (s gatewaySession) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _, _ = s.gateway.ask(ctx, http.MethodDelete, nil, "sessions", s.handle)
}

// done is what became of a statement.
type done struct {
	refused string
	// runs tells that it would be a job now, and writes that the job would write.
	runs, writes bool
}

// run carries a statement out, as far as it goes.
func (s gatewaySession) run(ctx context.Context, statement string) (done, error) {
	var begun struct {
		Handle string `json:"operationHandle"`
	}
	code, body, err := s.gateway.ask(ctx, http.MethodPost, map[string]any{"statement": statement}, "sessions", s.handle, "statements")
	switch {
	case err != nil:
		return done{}, err
	case code != http.StatusOK:
		return done{}, fmt.Errorf("the SQL gateway %s does not take a statement, but answers %d: %s", s.gateway.address, code, body)
	}
	if err := json.Unmarshal(body, &begun); err != nil {
		return done{}, err
	}
	for {
		code, body, err := s.gateway.ask(ctx, http.MethodGet, nil, "sessions", s.handle, "operations", begun.Handle, "result", "0")
		switch {
		case err != nil:
			return done{}, err
		case code == http.StatusOK && !bytes.Contains(body, []byte(`"resultType":"NOT_READY"`)):
			return done{}, nil
		case code != http.StatusOK:
			// That it has failed, and has no result, is an error of the server to the gateway.
			return failed(body)
		}
		select {
		case <-ctx.Done():
			return done{}, ctx.Err()
		case <-time.After(askedAgain):
		}
	}
}

// failed says what became of a statement by the stack that the gateway answers with.
func failed(body []byte) (done, error) {
	var answer struct {
		Errors []string `json:"errors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Errors) < 2 {
		return done{}, fmt.Errorf("the SQL gateway answers without a reason: %s", body)
	}
	stack := answer.Errors[1]
	messages := causes(stack)
	switch {
	case len(messages) == 0:
		return done{}, fmt.Errorf("the SQL gateway answers without a cause: %s", stack)
	case strings.HasPrefix(messages[len(messages)-1], "No ExecutorFactory found"):
		writes := strings.Contains(stack, "OperationExecutor.callModifyOperations")
		if !writes && !strings.Contains(stack, "executeQueryOperation") {
			return done{}, fmt.Errorf("the SQL gateway would run a job that neither reads nor writes: %s", stack)
		}
		return done{runs: true, writes: writes}, nil
	}
	refused := messages[0]
	for _, deeper := range messages[1:] {
		if !strings.Contains(refused, deeper) {
			refused += "\n" + deeper
		}
	}
	return done{refused: refused}, nil
}

// causes returns the messages of a Java stack below the gateway's own, from the outer
// to the inner one, without the classes.
func causes(stack string) []string {
	const cause, own = "Caused by: ", "SqlExecutionException"
	var (
		messages []string
		below    bool
	)
	for line := range strings.Lines(stack) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "\tat "), strings.HasPrefix(line, "\t... "), strings.HasPrefix(line, "End of exception on server side"):
		case strings.HasPrefix(line, cause):
			if below {
				_, message, _ := strings.Cut(line[len(cause):], ": ")
				messages = append(messages, message)
			}
			below = below || strings.Contains(line, own)
		case len(messages) > 0:
			messages[len(messages)-1] += "\n" + line
		}
	}
	for i, message := range messages {
		message = strings.TrimSpace(message)
		// Each layer of the planner says it once more.
		for strings.HasPrefix(message, validationFault+validationFault) {
			message = strings.TrimPrefix(message, validationFault)
		}
		messages[i] = message
	}
	return messages
}

// isMissing tells whether a text is refused for a table that is not there.
func isMissing(refused string) bool {
	for _, words := range []string{"Object '", "Cannot find table '", "Tables or views with the identifier '", "Table with identifier ", "Table `", "Source table '"} {
		_, after, found := strings.Cut(refused, words)
		line, _, _ := strings.Cut(after, "\n")
		if found && (words == "Cannot find table '" || strings.Contains(line, "not found") || strings.Contains(line, "doesn't exist") || strings.Contains(line, "does not exist")) {
			return true
		}
	}
	return false
}

// ask sends a request to the gateway.
func (g *Gateway) ask(ctx context.Context, method string, body any, path ...string) (code int, answer []byte, err error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, g.address.JoinPath(append([]string{"v1"}, path...)...).String(), content)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := g.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("ask the SQL gateway: %w", err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}
