package cmf

import (
	"maps"
	"net/http"
	"strings"
)

// keySchedule is the field of an application's specification by which the server takes
// savepoints from 2.4 on. Here it takes none: the shortest pause between two is longer
// than a test.
const keySchedule = "savepointSchedule"

// handedOn is the specification that the operator gets. What an older server does with
// the field is not documented: here the operator's definition drops it.
func (s *Server) handedOn(spec object) object {
	if s.from("2.4") {
		delete(spec, keySchedule)
	}
	return spec
}

// withSchedule puts the schedule into a merged specification: what the environment says
// wins field by field.
func (s *Server) withSchedule(merged, own, defaults object) object {
	if !s.from("2.4") || own[keySchedule] == nil && defaults[keySchedule] == nil {
		return merged
	}
	schedule := maps.Clone(part(own, keySchedule))
	maps.Copy(schedule, part(defaults, keySchedule))
	merged[keySchedule] = schedule
	return merged
}

// refuseSchedule refuses a schedule whose cron expression has not six fields.
func (s *Server) refuseSchedule(spec object) *refusal {
	cron, said := part(spec, keySchedule)["cronExpression"].(string)
	if !s.from("2.4") || !said || len(strings.Fields(cron)) == 6 {
		return nil
	}
	return refuse(http.StatusBadRequest, "savepointSchedule.cronExpression: '%s' is not a six-field cron expression.", cron)
}

// tellSchedule fills in the status of the schedule that an application runs with.
func (s *Server) tellSchedule(r *http.Request, stored object) {
	schedule := part(s.merged(r, part(stored, "spec")), keySchedule)
	status, told := stored["status"].(object)
	if len(schedule) == 0 || !told {
		return
	}
	state := "ACTIVE"
	if paused, _ := schedule["paused"].(bool); paused {
		state = "PAUSED"
	}
	status[keySchedule] = object{"state": state}
}
