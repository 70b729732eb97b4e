import { z } from 'zod';

/** One field of a configuration schema as the command line and the environment see it. */
export interface Setting {
  /** `ingestPort` */
  readonly key: string;
  /** `ingest-port`; secrets are read from files only: `redis-password-file` */
  readonly flag: string;
  /** One letter, such as `n` for `-n`; empty for most settings. */
  readonly short: string;
  /** `AEGIS_INGEST_PORT` */
  readonly variable: string;
  /** The JSON type of the values that the schema accepts. */
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array';
  readonly secret: boolean;
  readonly required: boolean;
  readonly description: string;
  readonly default: unknown;
  readonly choices: readonly string[];
}

const Property = z.object({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array']),
  description: z.string().default(''),
  short: z.string().default(''),
  secret: z.boolean().default(false),
  default: z.unknown().optional(),
  enum: z.array(z.string()).default([]),
});

/**
 * Returns the settings of a schema, in the order of its fields.
 *
 * @throws when a field takes anything but strings, numbers, booleans or lists
 */
export function describeSettings(schema: z.ZodObject): Setting[] {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(described.required ?? []);
  return Object.entries(described.properties ?? {}).map(([key, property]) => {
    const { type, short, secret, description, enum: choices, default: byDefault } = Property.parse(property);
    const words = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return {
      key,
      flag: secret ? `${words}-file` : words,
      short,
      variable: `AEGIS_${words.replaceAll('-', '_').toUpperCase()}`,
      type,
      secret,
      required: required.has(key),
      description,
      default: byDefault,
      choices,
    };
  });
}
