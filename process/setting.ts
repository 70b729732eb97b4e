import { z } from 'zod';

/** One field of a configuration schema as the command line and the environment see it. */
export interface Setting {
  /** `ingestPort` */
  readonly key: string;
  /** `ingest-port`; secrets are read from files only: `redis-password-file` */
  readonly flag: string;
  /** `AEGIS_INGEST_PORT` */
  readonly variable: string;
  /** The JSON type of what the schema takes. */
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
  secret: z.boolean().default(false),
  default: z.unknown().optional(),
  enum: z.array(z.string()).default([]),
});

/**
 * The settings of a schema, in its order.
 *
 * @throws when a field takes anything but strings, numbers, booleans or lists
 */
export function describeSettings(schema: z.ZodObject): Setting[] {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(described.required ?? []);
  return Object.entries(described.properties ?? {}).map(([key, property]) => {
    const { type, secret, description, enum: choices, default: byDefault } = Property.parse(property);
    const words = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return {
      key,
      flag: secret ? `${words}-file` : words,
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

/** The flags, what they mean and what they default to; for `--help`. */
export function helpText(schema: z.ZodObject): string {
  const rows = describeSettings(schema).map((setting) => [leftColumn(setting), rightColumn(setting)] as const);
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}

function leftColumn({ flag, type, secret }: Setting): string {
  return type === 'boolean' ? `--[no-]${flag}` : `--${flag} <${secret ? 'path' : type}>`;
}

function rightColumn({ description, choices, default: byDefault, variable, secret, required }: Setting): string {
  const facts = [
    choices.length > 0 ? `one of ${choices.join(', ')}` : '',
    required ? 'required' : '',
    byDefault === undefined || byDefault === ''
      ? ''
      : `default ${typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault)}`,
    secret ? `${variable} or ${variable}_FILE` : variable,
  ].filter((fact) => fact !== '');
  return `${description} (${facts.join('; ')})`;
}
