/** A JSON object of a sender, with any keys. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Returns the value when it is a JSON object, else undefined. */
export function asRecord(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined;
}

/**
 * Returns a field by any of several names in any letter case. Earlier names win, and the exact spelling wins over other
 * spellings. Only own properties count.
 */
export function anyCase(record: JsonRecord, ...names: readonly string[]): unknown {
  for (const name of names) {
    if (Object.hasOwn(record, name)) return record[name];
    const key = Object.keys(record).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (key !== undefined) return record[key];
  }
  return undefined;
}
