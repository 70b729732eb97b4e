/**
 * Remembers what was made of an object for as long as somebody holds the object. Cached objects are never changed, a new
 * version is another object: rules and templates are few and alerts are many.
 */
export function oncePerObject<K extends object, V>(make: (object: K) => V): (object: K) => V {
  const known = new WeakMap<K, { readonly made: V }>();
  return (object) => {
    const found = known.get(object);
    if (found !== undefined) return found.made;
    const made = make(object);
    known.set(object, { made });
    return made;
  };
}
