package provider

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/clowder"
)

// clowderPlatform returns Clowder in the cluster of the block kubernetes, which all resources share:
// several write to one object of it.
func (c *connections) clowderPlatform(ctx context.Context) (*clowder.Platform, error) {
	client, err := c.kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.clowder == nil {
		c.clowder = clowder.New(client)
	}
	return c.clowder, nil
}
