package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// startToSchema is the time from starting the provider's process until it has answered GetProviderSchema, as the CLI
// asks for it: plugin handshake, mutual TLS and all.
func (b *bench) startToSchema(ctx context.Context) (time.Duration, error) {
	started := time.Now()
	client := plugin.NewClient(&plugin.ClientConfig{
		// Terraform's handshake: https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{6: {"provider": connection{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Cmd:              exec.CommandContext(ctx, b.provider),
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		return 0, fmt.Errorf("starting the provider: %w", err)
	}
	dispensed, err := protocol.Dispense("provider")
	if err != nil {
		return 0, err
	}
	conn, ok := dispensed.(*grpc.ClientConn)
	if !ok {
		return 0, fmt.Errorf("the provider is a %T", dispensed)
	}
	var schema []byte
	err = conn.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", []byte{}, &schema,
		grpc.ForceCodec(undecoded{}), grpc.MaxCallRecvMsgSize(64<<20))
	took := time.Since(started)
	if err == nil && len(schema) == 0 {
		err = errors.New("the schema is empty")
	}
	return took, err
}

// connection is a plugin that hands out the connection itself.
type connection struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer implements plugin.GRPCPlugin; there is only a client here.
func (connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("not a server")
}

// GRPCClient implements plugin.GRPCPlugin.
func (connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// undecoded leaves messages as the bytes that they are: the request is the empty message, and of the answer only the
// time matters.
type undecoded struct{}

// Name implements encoding.Codec.
func (undecoded) Name() string { return "proto" }

// Marshal implements encoding.Codec.
func (undecoded) Marshal(message any) ([]byte, error) {
	encoded, ok := message.([]byte)
	if !ok {
		return nil, fmt.Errorf("cannot send a %T", message)
	}
	return encoded, nil
}

// Unmarshal implements encoding.Codec.
func (undecoded) Unmarshal(encoded []byte, message any) error {
	into, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("cannot receive a %T", message)
	}
	*into = append((*into)[:0], encoded...)
	return nil
}
