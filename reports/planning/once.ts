/** What takes long to work out, worked out when somebody first asks for it: tables of what would be otherwise never do. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
