import { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';
import { rule } from './rules.ts';

/**
 * Building blocks of the kinds' schemas. Everything is bounded, because the API server refuses CEL rules over unbounded
 * values, and every pattern compiles in RE2, because the same text is evaluated by zod and by the API server.
 */

/** A DNS-1123 subdomain: names of objects. */
export const ObjectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A DNS-1123 label: names of namespaces. */
export const NamespaceName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** `name` or `namespace/name` of an object. */
export const QualifiedName = z
  .string()
  .max(317)
  .regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** An RFC 3339 time, as the API server writes it. */
export const Time = z
  .string()
  .max(64)
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/);

/** A Go duration such as `90s`, `10m`, `1h30m`, the larger units first; `parseDuration` reads it. */
export const Duration = z
  .string()
  .min(2)
  .max(32)
  .regex(
    /^([0-9]{1,6}(\.[0-9]{1,6})?h)?([0-9]{1,6}(\.[0-9]{1,6})?m)?([0-9]{1,6}(\.[0-9]{1,6})?s)?([0-9]{1,6}(\.[0-9]{1,6})?ms)?$/,
  );

/** A duration greater than zero, where zero would disable the purpose of the field. */
export const PositiveDuration = rule(
  Duration,
  { rule: "duration(self) > duration('0s')", message: 'must be greater than 0s' },
  (value) => parseDuration(value) > 0,
);

/** Text of at most `max` characters; zod counts UTF-16 units, so that it is never laxer than the API server. */
export function text(max: number): z.ZodString {
  return z.string().max(max);
}

/** A count that fits an int32. */
export const Count = z.int32().min(0);

/** `metadata.generation` of an object, or the one that a status describes. */
export const Generation = z.int().min(0);

/** A list that the API server bounds as well; server-side apply replaces it as a whole. */
export function list<T extends z.ZodType>(item: T, max: number): z.ZodArray<T> {
  return z.array(item).max(max);
}

/** A list of at most `max` different texts or numbers (server-side apply merges it). */
export function setList<T extends z.ZodType>(item: T, max: number): z.ZodArray<T> {
  return unique(list(item, max), (value) => JSON.stringify(value)).meta({ 'x-kubernetes-list-type': 'set' });
}

/** A list whose items are told apart by `keys` (server-side apply merges it by them). */
export function mapList<T extends z.ZodType>(item: T, keys: string[], max: number): z.ZodArray<T> {
  const keyOf = (value: unknown): string => JSON.stringify(keys.map((key) => (value as Record<string, unknown>)[key]));
  return unique(list(item, max), keyOf).meta({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
  });
}

function unique<T extends z.ZodType>(items: z.ZodArray<T>, keyOf: (value: unknown) => string): z.ZodArray<T> {
  return items.superRefine((values, context) => {
    const seen = new Set<string>();
    for (const [index, value] of values.entries()) {
      const key = keyOf(value);
      if (seen.has(key)) context.addIssue({ code: 'custom', path: [index], message: `duplicate value: ${key}` });
      seen.add(key);
    }
  });
}

/** A map of texts with at most `maxEntries` entries of at most `maxLength` characters each. */
export function textMap(maxEntries: number, maxLength: number) {
  return mapOf(text(maxLength), maxEntries);
}

/** A map from texts to `value` with at most `maxEntries` entries. */
export function mapOf<T extends z.ZodType>(value: T, maxEntries: number) {
  return z
    .record(z.string(), value)
    .refine((map) => Object.keys(map).length <= maxEntries, { error: `must have at most ${maxEntries} entries` })
    .meta({ maxProperties: maxEntries });
}

const labelKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LabelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);

const LabelSelectorRequirement = rule(
  z.object({
    key: z.string().max(317).regex(labelKey).describe('Key of the label.'),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .describe('How the value of the label relates to `values`.'),
    values: list(LabelValue, 64).optional().describe('At least one value for In and NotIn; otherwise empty.'),
  }),
  {
    rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
    message: 'values is required for In and NotIn, and must be empty for Exists and DoesNotExist',
    fieldPath: '.values',
  },
  ({ operator, values }) => ['In', 'NotIn'].includes(operator) === (values ?? []).length > 0,
);

/** `metav1.LabelSelector`. */
export const LabelSelector = z
  .object({
    matchLabels: mapOf(LabelValue, 64).optional().describe('Labels with exactly these values.'),
    matchExpressions: list(LabelSelectorRequirement, 64)
      .optional()
      .describe('Requirements, all of which must be met together with `matchLabels`.'),
  })
  .meta({ 'x-kubernetes-map-type': 'atomic' });
export type LabelSelector = z.infer<typeof LabelSelector>;

/** `metav1.Condition` with an optional reason, because conditions of the original may have none. */
const OriginalCondition = z.object({
  type: text(316).describe('Type of the condition in CamelCase; unique within the list.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Status of the condition.'),
  observedGeneration: Generation.optional().describe('The `metadata.generation` that this status describes.'),
  lastTransitionTime: Time.describe('Time at which `status` last changed.'),
  reason: text(1024).default('').describe('Reason for the last transition in CamelCase.'),
  message: text(32768).default('').describe('Details of the last transition for users.'),
  lastProbeTime: Time.nullable().optional().describe('Field of the original; accepted and ignored.'),
});

/** `metav1.Condition`. */
export const Condition = OriginalCondition.omit({ lastProbeTime: true }).extend({
  reason: text(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
    .describe('Reason for the last transition in CamelCase.'),
});
export type Condition = z.infer<typeof Condition>;

/** `status.conditions`: at most one condition of each type. */
export const Conditions = mapList(Condition, ['type'], 16);

/** Conditions of a kind that the original had as well. */
export const OriginalConditions = mapList(OriginalCondition, ['type'], 16);

/** How long an object is kept after it has ended, in seconds; the more specific value wins. */
export const TtlStrategy = z.object({
  secondsAfterCompletion: Count.optional().describe('Seconds to keep the object, whatever the result.'),
  secondsAfterSuccess: Count.optional().describe('Seconds to keep the object after a success.'),
  secondsAfterFailure: Count.optional().describe('Seconds to keep the object after a failure.'),
});
export type TtlStrategy = z.infer<typeof TtlStrategy>;
