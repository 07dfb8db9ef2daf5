package kafkatest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// ClientSecret is the one that the token server knows, whoever comes with it.
const ClientSecret = "of-the-token-server"

// TokenServer is one whose tokens the broker takes, because they are not signed: the client id
// is who comes. Its answer to another secret repeats that, as answers of some servers do.
func TokenServer(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		answer := map[string]any{"access_token": token(id), "token_type": "Bearer", "expires_in": 3600}
		if secret != ClientSecret {
			answer = map[string]any{"error": "invalid_client", "error_description": "the secret " + secret + " is wrong"}
			w.WriteHeader(http.StatusUnauthorized)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// token is a JSON Web Token of a subject (RFC 7519), without a signature.
func token(subject string) string {
	part := func(value any) string {
		text, _ := json.Marshal(value)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	now := time.Now()
	return part(map[string]any{"alg": "none"}) + "." + part(map[string]any{"sub": subject, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}) + "."
}
