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

/** URL of an Alertmanager: http or https, without credentials, which would show in every process list. */
const AlertmanagerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === '';
}, 'must be an http(s) URL without credentials');

/** Settings of the ingest: where it listens and how much it accepts. */
export const ingestSettings = {
  ingestPort: port().default(8080).meta({ description: 'port on which alerts are received' }),
  ingestAddress: z.string().optional().meta({ description: 'address on which alerts are received; all when absent' }),
  ingestTokenFile: z.array(TokenFile).default([]).meta({
    description:
      'comma list of <source>=<path>: files with one bearer token a line, each with the namespaces it may publish to',
  }),
  alertmanagerUrl: z.array(AlertmanagerUrl).default([]).meta({
    description: 'comma list of Alertmanager URLs, from which truncated and overdue alerts are read',
  }),
  ingestMaxBody: z
    .int()
    .min(1024)
    .default(8 * 1024 * 1024)
    .meta({ description: 'maximum bytes of a body, compressed or not' }),
  ingestMaxBodies: z
    .int()
    .min(1024)
    .default(96 * 1024 * 1024)
    .meta({ description: 'maximum bytes of all bodies under way' }),
  ingestMaxRequests: z.int().min(1).default(512).meta({ description: 'maximum requests under way' }),
  ingestMaxAlerts: z.int().min(1).default(20_000).meta({ description: 'maximum alerts under way' }),
  ingestMaxAlertsPerNamespace: z.int().min(1).default(10_000).meta({
    description: 'maximum alerts under way for one namespace, so that one namespace cannot use up all capacity',
  }),
  ingestConcurrency: z.int().min(1).max(256).default(32).meta({ description: 'alerts that are stored at once' }),
};

/** The configuration of the ingest: its own settings and those of the release that it uses. */
export type IngestConfig = Readonly<z.infer<z.ZodObject<typeof ingestSettings>>> & {
  readonly namespace: string;
  /** Milliseconds. */
  readonly staleAfter: number;
};

/** Returns the paths of token files by source. */
export function tokenFiles({ ingestTokenFile }: Pick<IngestConfig, 'ingestTokenFile'>): Map<string, string> {
  return new Map(ingestTokenFile.map(split));
}

function split(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
