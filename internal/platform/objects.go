package platform

import "context"

// Objects manages the objects of one kind that a platform keeps as it is told, and
// that run no job themselves. Errors for an absent object satisfy errors.As with
// *NotFoundError. A Ref has, as Namespace, what the object is in: an environment,
// a catalog, or nothing.
type Objects[T any] interface {
	// Create creates the object and returns it as the platform has it. It refuses
	// with *ExistsError what is there already.
	Create(ctx context.Context, want T) (T, error)
	// Await waits until a created or updated object is what it shall be, and
	// returns it as last seen, with *RolloutError when it cannot be that.
	Await(ctx context.Context, known T) (T, error)
	// Read returns the object, possibly from a list that one process reads once.
	Read(ctx context.Context, ref Ref) (T, error)
	// Update replaces the object, for which was asked before what before is. Labels and
	// annotations that are of neither stay: they are of others.
	Update(ctx context.Context, want, before T) (T, error)
	// Delete deletes the object and waits until it is gone. One that others use
	// stays, and the error names them. known is what is known of it, without what only
	// a configuration has.
	Delete(ctx context.Context, known T) error
}

// Described is what every such object has.
type Described struct {
	Ref
	Labels      map[string]string
	Annotations map[string]string
}

// ToldObjects are objects whose errors leave a platform in its own words.
type ToldObjects[T any] struct {
	Inner Objects[T]
	// Tell returns an error in the platform's words, nil for nil.
	Tell func(error) error
}

// Create implements Objects.
func (t ToldObjects[T]) Create(ctx context.Context, want T) (T, error) {
	created, err := t.Inner.Create(ctx, want)
	return created, t.Tell(err)
}

// Await implements Objects.
func (t ToldObjects[T]) Await(ctx context.Context, known T) (T, error) {
	observed, err := t.Inner.Await(ctx, known)
	return observed, t.Tell(err)
}

// Read implements Objects.
func (t ToldObjects[T]) Read(ctx context.Context, ref Ref) (T, error) {
	observed, err := t.Inner.Read(ctx, ref)
	return observed, t.Tell(err)
}

// Update implements Objects.
func (t ToldObjects[T]) Update(ctx context.Context, want, before T) (T, error) {
	written, err := t.Inner.Update(ctx, want, before)
	return written, t.Tell(err)
}

// Delete implements Objects.
func (t ToldObjects[T]) Delete(ctx context.Context, known T) error {
	return t.Tell(t.Inner.Delete(ctx, known))
}
