/**
 * Returns a function that calls `make` once per object and keeps the result as long as the object is referenced. Safe for
 * objects of an informer cache: they are never changed, and a new version is another object.
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
