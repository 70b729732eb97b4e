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

/** A URL of an Alertmanager: http or https, without credentials (they would show in every list of processes). */
const AlertmanagerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === '';
}, 'must be an http(s) URL without credentials');

/** Where and how much the ingest takes in. */
export const ingestSettings = {
  ingestPort: port().default(8080).meta({ description: 'port on which alerts are received' }),
  ingestAddress: z.string().optional().meta({ description: 'address on which alerts are received; all when absent' }),
  ingestTokenFile: z.array(TokenFile).default([]).meta({
    description: 'comma list of <source>=<path>: bearer tokens, one a line, each with the namespaces it may publish to',
  }),
  alertmanagerUrl: z.array(AlertmanagerUrl).default([]).meta({
    description:
      'comma list of Alertmanagers that are asked for alerts they left out of a payload or fell silent about',
  }),
  ingestMaxBody: z
    .int()
    .min(1024)
    .default(8 * 1024 * 1024)
    .meta({ description: 'bytes of a body, also decompressed' }),
  ingestMaxBodies: z
    .int()
    .min(1024)
    .default(96 * 1024 * 1024)
    .meta({ description: 'bytes of all bodies under way' }),
  ingestMaxRequests: z.int().min(1).default(512).meta({ description: 'requests under way' }),
  ingestMaxAlerts: z.int().min(1).default(20_000).meta({ description: 'alerts under way' }),
  ingestMaxAlertsPerNamespace: z.int().min(1).default(10_000).meta({
    description: 'alerts under way for one namespace, so that one flood leaves room for the others',
  }),
  ingestConcurrency: z.int().min(1).max(256).default(32).meta({ description: 'alerts that are being stored at once' }),
};

/** The configuration of the ingest: its own settings and those of the release that it uses. */
export type IngestConfig = Readonly<z.infer<z.ZodObject<typeof ingestSettings>>> & {
  readonly namespace: string;
  /** Milliseconds. */
  readonly staleAfter: number;
};

/** The files with tokens by source. */
export function tokenFiles({ ingestTokenFile }: Pick<IngestConfig, 'ingestTokenFile'>): Map<string, string> {
  return new Map(ingestTokenFile.map(split));
}

function split(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
