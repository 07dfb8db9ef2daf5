package statement_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccGuide applies the configuration of the guide, from an empty server to an SQL
// statement over a Kafka topic.
func TestAccGuide(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	guide, err := os.ReadFile("../../../templates/guides/confluent.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)```").FindSubmatch(guide)
	if blocks == nil {
		t.Fatal("the guide has no configuration")
	}
	cluster := acctest.Cluster(t, acctest.Newest())
	manager := acctest.CMFOn(t, "2.3.1", cluster)
	config := string(blocks[1])
	for from, to := range map[string]string{
		`"https://cmf.example.com"`: fmt.Sprintf("%q", manager.Endpoint),
		`"flink-shop" #`:            fmt.Sprintf("%q #", cluster.Namespace(t)),
	} {
		if !strings.Contains(config, from) {
			t.Fatalf("the guide does not have %s any more", from)
		}
		config = strings.Replace(config, from, to, 1)
	}
	run(t, resource.TestStep{Config: "variable \"jaas\" {\n  type      = string\n  ephemeral = true\n  default   = \"x\"\n}\n" + config})
}
