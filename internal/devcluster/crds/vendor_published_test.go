//go:build e2e

package crds

import (
	"archive/zip"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// published are the releases of the operator of which Maven Central has the jar with the definitions, by version.
var published = map[string]string{"1.7": "1.7.0", "1.16": "1.16.1"}

// TestDefinitionsMatchPublished holds the table against the definitions in the operator's published jars, which Maven
// fetches.
func TestDefinitionsMatchPublished(t *testing.T) {
	for version, release := range published {
		t.Run(version, func(t *testing.T) {
			theirs := publishedDefinitions(t, release)
			if version == "1.16" {
				withoutRefusedScale(t, theirs["flinkbluegreendeployments."+Group])
			}
			compareRelease(t, version, theirs)
		})
	}
}

// withoutRefusedScale takes away the one part of a published definition that no API server accepts
// ("spec.subresources.scale.statusReplicasPath: Required value"), as the operator's own chart does.
func withoutRefusedScale(t *testing.T, definition *apiextensions.CustomResourceDefinition) {
	t.Helper()
	if definition == nil || len(definition.Spec.Versions) != 1 {
		t.Fatalf("the definition of blue/green deployments is %v", definition)
	}
	subresources := definition.Spec.Versions[0].Subresources
	if scale := subresources.Scale; scale == nil || scale.StatusReplicasPath != "" {
		t.Fatalf("the subresource scale of blue/green deployments is %v", scale)
	}
	subresources.Scale = nil
}

// publishedDefinitions are those in the jar of a release, by name.
func publishedDefinitions(t *testing.T, release string) map[string]*apiextensions.CustomResourceDefinition {
	t.Helper()
	dir := t.TempDir()
	fetch := exec.CommandContext(t.Context(), "mvn", "-q", "-B", "dependency:copy",
		"-Dartifact=org.apache.flink:flink-kubernetes-operator-api:"+release, "-DoutputDirectory="+dir)
	fetch.Dir = dir
	if said, err := fetch.CombinedOutput(); err != nil {
		t.Fatalf("Maven does not fetch the operator's definitions: %s\n%s", err, said)
	}
	archive, err := zip.OpenReader(filepath.Join(dir, "flink-kubernetes-operator-api-"+release+".jar"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	definitions := map[string]*apiextensions.CustomResourceDefinition{}
	for _, file := range archive.File {
		if path.Dir(file.Name) != "META-INF/fabric8" || !strings.HasSuffix(file.Name, "-v1.yml") {
			continue
		}
		content, err := readAll(file)
		if err != nil {
			t.Fatal(err)
		}
		definition := readDefinition(t, file.Name, content)
		definitions[definition.Name] = definition
	}
	return definitions
}

func readAll(file *zip.File) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}
