package provider

import (
	"os"
	"runtime/debug"
	"strings"
)

// gcPercent lets the heap grow to five times what is live before the garbage
// collector runs. A provider lives for one command: with Go's default, a plan of
// 200 deployments spends a third of its time collecting garbage.
const gcPercent = 400

// sdkLogLevels are the variables by which the plugin SDK's own loggers take
// their levels. Unset they are TRACE, and every call formats lines that
// Terraform then throws away.
var sdkLogLevels = []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"}

// Tune sets the process up for the short life of a provider. Call it before
// serving.
func Tune() {
	debug.SetGCPercent(gcPercent)
	quietSDK(os.Environ(), os.Setenv)
}

// quietSDK sets the SDK's own loggers to ERROR unless the environment asks for
// a log in any way.
func quietSDK(environ []string, setenv func(name, value string) error) {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if value != "" && (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_")) && !strings.HasPrefix(name, "TF_LOG_PATH") {
			return
		}
	}
	for _, name := range sdkLogLevels {
		// Without the variable there is only more to format.
		_ = setenv(name, "ERROR")
	}
}
