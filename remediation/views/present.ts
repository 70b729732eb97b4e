/** An answer leaves out what is unknown: fields that are undefined or empty texts. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(known) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
