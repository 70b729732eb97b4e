/** A JSON object of a sender; its keys are whatever the sender wrote. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** The value as a JSON object, or undefined when it is something else. */
export function asRecord(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined;
}

/**
 * A field whose name may be written in any letter case, and under any of several names; earlier names win, and the
 * exact spelling wins over others. Only own properties count.
 */
export function anyCase(record: JsonRecord, ...names: readonly string[]): unknown {
  for (const name of names) {
    if (Object.hasOwn(record, name)) return record[name];
    const key = Object.keys(record).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (key !== undefined) return record[key];
  }
  return undefined;
}
