package kube

import (
	"encoding/pem"
	"net/http/httptest"
	"testing"
)

// testAuthority is a certificate in PEM form.
func testAuthority(t *testing.T) string {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}
