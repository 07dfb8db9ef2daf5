package cmf

import (
	"context"
	"net/http"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinksql"
)

// Judge says what Flink makes of the text of a statement.
type Judge interface {
	Judge(ctx context.Context, session flinksql.Session, text flinksql.Text) (flinksql.Verdict, error)
}

// JudgeBy lets a judge say what becomes of the texts of statements. Without one a table
// of sentences does.
func (s *Server) JudgeBy(judge Judge) { s.judge = judge }

// Keys of what a stand-in keeps inside of a statement, and of a statement's properties.
const (
	keyVerdict      = "standin.verdict"
	propertyCatalog = "sql.current-catalog"
	propertyDB      = "sql.current-database"
)

// compile has the text of a new statement judged, and keeps the verdict in it; with the
// last one, that one's stays. A text that comes to nothing is no refusal: the phase of
// the statement tells. What a text defines stays when its statement goes.
func (s *Server) compile(r *http.Request, want, last object) *refusal {
	if last != nil {
		want[keyVerdict] = last[keyVerdict]
		return nil
	}
	spec := part(want, "spec")
	environment := r.PathValue("env")
	text := flinksql.Text{
		SQL: text(spec, "statement"), Catalog: text(part(spec, "properties"), propertyCatalog), Database: text(part(spec, "properties"), propertyDB),
	}
	verdict, err := s.judge.Judge(r.Context(), flinksql.Session{Databases: s.kafkaDatabases(), Earlier: s.defined[environment]}, text)
	if err != nil {
		return refuse(http.StatusInternalServerError, "The statement could not be compiled: %s", err)
	}
	if verdict.Missing && annotationOf(want, annotationTopics) != topicsNone {
		verdict.Refused = ""
	}
	if failsAtOnce := !verdict.Runs && annotationOf(want, annotationFails) != ""; verdict.Defines && !failsAtOnce {
		s.defined[environment] = append(s.defined[environment], text)
	}
	want[keyVerdict] = verdict
	return nil
}

// judged returns the verdict on a statement.
func judged(statement object) flinksql.Verdict {
	verdict, _ := statement[keyVerdict].(flinksql.Verdict)
	return verdict
}

// kafkaDatabases returns the names of the databases, by catalog.
func (s *Server) kafkaDatabases() map[string][]string {
	found := map[string][]string{}
	for catalog := range s.objects["/catalogs/kafka"] {
		for database := range s.objects["/catalogs/kafka/"+catalog+"/databases"] {
			found[catalog] = append(found[catalog], database)
		}
	}
	return found
}
