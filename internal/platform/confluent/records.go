package confluent

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
)

// records are the objects of one kind as resources know them: T is an object there,
// S its specification in the API, and U its status. It implements platform.Objects
// for what is there as soon as it is written.
type records[T, S, U any] struct {
	kind[S, U]

	// described returns what T has of every object.
	described func(T) platform.Described
	// spec returns what is sent of an object.
	spec func(context.Context, T) (S, error)
	// known returns an object from what the API tells of it.
	known func(platform.Described, S, U) T
	// refused explains that the server refuses to delete an object; nil where nothing
	// else can be in its way.
	refused func(context.Context, platform.Ref, error) error
}

// Create implements platform.Objects.
func (r *records[T, S, U]) Create(ctx context.Context, want T) (T, error) {
	return r.written(ctx, want, r.create)
}

// Await implements platform.Objects.
func (r *records[T, S, U]) Await(_ context.Context, known T) (T, error) { return known, nil }

// Read implements platform.Objects.
func (r *records[T, S, U]) Read(ctx context.Context, ref platform.Ref) (T, error) {
	found, err := r.read(ctx, ref)
	return r.of(ref, found), err
}

// Update implements platform.Objects. The server replaces labels and annotations as a
// whole, so those of others are read before.
func (r *records[T, S, U]) Update(ctx context.Context, want, before T) (T, error) {
	return r.written(ctx, want, func(ctx context.Context, ref platform.Ref, sent object[S, U]) (object[S, U], error) {
		found, err := r.get(ctx, ref)
		if err != nil {
			return sent, err
		}
		said := r.described(before)
		sent.Metadata.Labels = beside(found.Metadata.Labels, said.Labels, sent.Metadata.Labels)
		sent.Metadata.Annotations = beside(found.Metadata.Annotations, said.Annotations, sent.Metadata.Annotations)
		delete(sent.Metadata.Annotations, written.MarkAnnotation)
		return r.replace(ctx, ref, sent)
	})
}

// Delete implements platform.Objects.
func (r *records[T, S, U]) Delete(ctx context.Context, known T) error {
	ref := r.described(known).Ref
	err := r.remove(ctx, ref)
	if err == nil || r.refused == nil {
		return err
	}
	return r.refused(ctx, ref, err)
}

// written writes an object and returns it as the server has it.
func (r *records[T, S, U]) written(
	ctx context.Context, want T, write func(context.Context, platform.Ref, object[S, U]) (object[S, U], error),
) (T, error) {
	spec, err := r.spec(ctx, want)
	if err != nil {
		return want, err
	}
	is := r.described(want)
	answer, err := write(ctx, is.Ref, r.object(is, spec))
	if err != nil {
		return want, err
	}
	return r.of(is.Ref, answer), nil
}

func (r *records[T, S, U]) of(ref platform.Ref, found object[S, U]) T {
	return r.known(found.described(ref.Namespace), found.Spec, found.Status)
}
