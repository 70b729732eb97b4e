import { z } from 'zod';
import { sources } from '../../alerts/sources/index.ts';
import { port } from '../../process/settings.ts';

const sourceNames: readonly string[] = sources.map(({ name }) => name);

const TokenFile = z.string().check((context) => {
  const [source, path] = split(context.value);
  if (!sourceNames.includes(source) || path === '') {
    const message = `must be <source>=<path>, with a source of ${sourceNames.join(', ')}`;
    context.issues.push({ code: 'custom', message, input: context.value });
  }
});

/** A URL of an Alertmanager: http or https, without credentials (a process list would show them). */
const AlertmanagerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === '';
}, 'must be an http(s) URL without credentials');

/** Addresses and limits of the ingest. */
export const ingestSettings = {
  ingestPort: port().default(8080).meta({ description: 'port of the ingest' }),
  ingestAddress: z.string().optional().meta({ description: 'address of the ingest; default: all addresses' }),
  ingestTokenFile: z.array(TokenFile).default([]).meta({
    description:
      'comma-separated <source>=<path>: files of bearer tokens, one per line, each with the namespaces that it may publish to',
  }),
  alertmanagerUrl: z.array(AlertmanagerUrl).default([]).meta({
    description:
      'comma-separated URLs of Alertmanagers, which are queried for alerts that are truncated from a payload or stale',
  }),
  ingestMaxBody: z
    .int()
    .min(1024)
    .default(8 * 1024 * 1024)
    .meta({ description: 'maximum size of a request body in bytes, also decompressed' }),
  ingestMaxBodies: z
    .int()
    .min(1024)
    .default(96 * 1024 * 1024)
    .meta({ description: 'maximum size of all request bodies in progress in bytes' }),
  ingestMaxRequests: z.int().min(1).default(512).meta({ description: 'maximum number of requests in progress' }),
  ingestMaxAlerts: z.int().min(1).default(20_000).meta({ description: 'maximum number of alerts in progress' }),
  ingestMaxAlertsPerNamespace: z.int().min(1).default(10_000).meta({
    description: 'maximum number of alerts in progress for one namespace',
  }),
  ingestConcurrency: z
    .int()
    .min(1)
    .max(256)
    .default(32)
    .meta({ description: 'maximum number of alerts that are stored in parallel' }),
};

/** The configuration of the ingest: its own settings and those of the release that it uses. */
export type IngestConfig = Readonly<z.infer<z.ZodObject<typeof ingestSettings>>> & {
  readonly namespace: string;
  /** Milliseconds. */
  readonly staleAfter: number;
};

/** Returns the token files by source. */
export function tokenFiles({ ingestTokenFile }: Pick<IngestConfig, 'ingestTokenFile'>): Map<string, string> {
  return new Map(ingestTokenFile.map(split));
}

function split(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
