package blueprint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// secretsFolder is where the values of Secrets are, below DocumentFolder.
const secretsFolder = "secrets"

// Keys of the Secrets that connections name, as defaults.SASL, defaults.TLS and
// defaults.SchemaRegistry tell them.
const (
	keyUsername     = "username"
	keyPassword     = "password"
	keyToken        = "token"
	keyClientID     = "client_id"
	keyClientSecret = "client_secret"
	keyCertificate  = "tls.crt"
	keyPrivate      = "tls.key"
)

// mechanismOAuth is the SASL mechanism that takes tokens.
const mechanismOAuth = "OAUTHBEARER"

// Mount is a Secret of which a streamlet reads values from files.
type Mount struct {
	Secret string
	// Keys are the values, sorted. Each is a file of that name in Folder.
	Keys   []string
	Folder string
	// Optional tells that the Secret has only some of the keys, and that nobody knows which.
	Optional bool
}

// Mounts are the Secrets of a streamlet, sorted by name. One that is needed both ways
// is there twice: with the keys that it has to have, and with those that it may have.
func (r Rendering) Mounts(streamlet string) []Mount {
	needed, possible := map[string]map[string]bool{}, map[string]map[string]bool{}
	add := func(to map[string]map[string]bool, secret string, keys ...string) {
		if to[secret] == nil {
			to[secret] = map[string]bool{}
		}
		for _, key := range keys {
			to[secret][key] = true
		}
	}
	addRef := func(ref *flink.SecretRef) {
		if ref != nil {
			add(needed, ref.Secret, ref.Key)
		}
	}
	for _, ref := range r.app.Streamlets[streamlet].ConfigSecrets {
		addRef(&ref)
	}
	if k := r.on.Kafka; k != nil && r.connects(streamlet) {
		switch {
		case k.SASL == nil:
		case k.SASL.Mechanism == mechanismOAuth:
			add(needed, k.SASL.Secret, keyClientID, keyClientSecret)
		default:
			add(needed, k.SASL.Secret, keyUsername, keyPassword)
		}
		if t := k.TLS; t != nil {
			addRef(t.CA)
			if t.ClientSecret != nil {
				add(needed, *t.ClientSecret, keyCertificate, keyPrivate)
			}
		}
	}
	if s := r.on.Registry; s != nil && r.connects(streamlet) {
		addRef(s.CA)
		if s.Secret != nil {
			add(possible, *s.Secret, keyUsername, keyPassword, keyToken)
		}
	}
	var out []Mount
	for secret, keys := range needed {
		out = append(out, mountOf(secret, keys, false))
		// A file has one source.
		for key := range keys {
			delete(possible[secret], key)
		}
	}
	for secret, keys := range possible {
		if len(keys) > 0 {
			out = append(out, mountOf(secret, keys, true))
		}
	}
	slices.SortStableFunc(out, func(a, b Mount) int { return strings.Compare(a.Secret, b.Secret) })
	return out
}

func mountOf(secret string, keys map[string]bool, optional bool) Mount {
	return Mount{secret, slices.Sorted(maps.Keys(keys)), path.Join(DocumentFolder, secretsFolder, secret), optional}
}

const (
	// DocumentAnnotation carries the document of a streamlet where there is no Secret for
	// it.
	DocumentAnnotation = "flink-terraform.io/application-document"
	// RuntimeAnnotation is what runs a streamlet whose runtime is another than Flink.
	RuntimeAnnotation = "flink-terraform.io/runtime"
	// DocumentHashAnnotation is the SHA-256 of the document, so that pods are made anew when it changes.
	DocumentHashAnnotation = "flink-terraform.io/application-document-sha256"

	volumeName = "flink-application"
)

// PodTemplate is what a streamlet's pods have beside their own: the document from the key
// DocumentFile of a Secret, and the values of the Secrets that it names, in files that
// cannot be written. It changes with the document. The error is that of Document, or that the
// document is larger than a Secret may be.
func (r Rendering) PodTemplate(streamlet, documentSecret string) (flink.Document, error) {
	text, err := r.Document(streamlet)
	if err != nil {
		return nil, err
	}
	if len(text) > corev1.MaxSecretSize {
		return nil, fmt.Errorf("the application document of %q has %d bytes, and a Secret has at most %d: shorten the configuration and the schemas of the streamlet",
			streamlet, len(text), corev1.MaxSecretSize)
	}
	source := map[string]any{"secret": map[string]any{"name": documentSecret, "items": []any{item(DocumentFile, DocumentFile)}}}
	return r.podTemplate(streamlet, hashOf(text), source), nil
}

// AnnotatedPodTemplate is PodTemplate for a place where no Secret can be written: the
// document is in an annotation of the pods, beside their other ones. It is an error when
// all of them are larger than Kubernetes takes.
func (r Rendering) AnnotatedPodTemplate(streamlet string, beside map[string]string) (flink.Document, error) {
	text, err := r.Document(streamlet)
	if err != nil {
		return nil, err
	}
	own := hashOf(text)
	own[DocumentAnnotation] = string(text)
	all := maps.Clone(own)
	maps.Copy(all, beside)
	if err := apivalidation.ValidateAnnotationsSize(all); err != nil {
		return nil, fmt.Errorf("the application document of %q has %d bytes, and the annotations of a pod have at most %d together: shorten the configuration and the schemas of the streamlet",
			streamlet, len(text), apivalidation.TotalAnnotationSizeLimitB)
	}
	source := map[string]any{"downwardAPI": map[string]any{"items": []any{map[string]any{
		"path": DocumentFile, "fieldRef": map[string]any{"fieldPath": "metadata.annotations['" + DocumentAnnotation + "']"},
	}}}}
	return r.podTemplate(streamlet, own, source), nil
}

func hashOf(text []byte) map[string]string {
	sum := sha256.Sum256(text)
	return map[string]string{DocumentHashAnnotation: hex.EncodeToString(sum[:])}
}

// podTemplate mounts one volume with everything: the kubelet then exchanges all files at once, and
// no mount lies within another one.
func (r Rendering) podTemplate(streamlet string, annotations map[string]string, document map[string]any) flink.Document {
	sources := []any{document}
	for _, mount := range r.Mounts(streamlet) {
		items := make([]any, 0, len(mount.Keys))
		for _, key := range mount.Keys {
			items = append(items, item(key, path.Join(secretsFolder, mount.Secret, key)))
		}
		secret := map[string]any{"name": mount.Secret, "items": items}
		if mount.Optional {
			secret["optional"] = true
		}
		sources = append(sources, map[string]any{"secret": secret})
	}
	metadata := map[string]any{}
	for key, value := range annotations {
		metadata[key] = value
	}
	if runtime := r.app.Streamlets[streamlet].Runtime; runtime != "" {
		metadata[RuntimeAnnotation] = runtime
	}
	return flink.Document{
		"metadata": map[string]any{"annotations": metadata},
		"spec": map[string]any{
			"containers": []any{map[string]any{
				"name":         flink.MainContainer,
				"volumeMounts": []any{map[string]any{"name": volumeName, "mountPath": DocumentFolder, "readOnly": true}},
			}},
			"volumes": []any{map[string]any{"name": volumeName, "projected": map[string]any{"sources": sources}}},
		},
	}
}

func item(key, file string) map[string]any { return map[string]any{"key": key, "path": file} }
