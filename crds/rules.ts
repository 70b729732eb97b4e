import type { z } from 'zod';

/** A CEL rule as the API server accepts it. */
export interface CelRule {
  rule: string;
  /** The problem and its solution; shown to the user who applies the object. */
  message: string;
  /** The field that the error names, relative to the value that has the rule, such as `.name`. */
  fieldPath?: string;
  reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  /** Also evaluate a transition rule on creation; `oldSelf` is then an optional. */
  optionalOldSelf?: boolean;
}

const key = 'x-kubernetes-validations';

function addRule<T extends z.ZodType>(schema: T, cel: CelRule): T {
  const before = (schema.meta()?.[key] ?? []) as CelRule[];
  return schema.meta({ [key]: [...before, cel] });
}

/**
 * Returns `schema` with a rule that the API server evaluates as CEL and zod as `holds`: the two must agree.
 *
 * @param holds is called with a value that is otherwise valid
 */
export function rule<T extends z.ZodType>(schema: T, cel: CelRule, holds: (value: z.output<T>) => boolean): T {
  const path = cel.fieldPath?.split('.').filter((part) => part !== '') ?? [];
  // The API server does not evaluate its rules either while there are other errors.
  const when = ({ issues }: { issues: unknown[] }): boolean => issues.length === 0;
  return addRule(schema.refine(holds, { error: cel.message, path, when }), cel);
}

/** Returns `schema` with a rule about a change, which only the API server can evaluate: zod has one object. */
export function transitionRule<T extends z.ZodType>(schema: T, cel: CelRule): T {
  return addRule(schema, cel);
}

/** Returns `schema` whose value cannot change once it is set. */
export function immutable<T extends z.ZodType>(schema: T, message: string): T {
  return transitionRule(schema, { rule: 'self == oldSelf', message });
}
