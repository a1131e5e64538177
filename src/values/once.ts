// A value computed when it is first needed.

/** `compute` is called by the first call; later calls return the same value. */
export function once<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined
  return () => {
    computed ??= { value: compute() }
    return computed.value
  }
}
