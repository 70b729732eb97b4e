import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readConfig } from '../../process/config.ts';
import { duration, port, ProcessConfig } from '../../process/settings.ts';
import { sources } from '../../alerts/sources/index.ts';
import { NamespaceName } from '../../crds/schema.ts';
import { apiSettings } from './api-settings.ts';
import { inPod, podNamespaceFile } from './pod.ts';

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

/** Flags and environment of the apiserver role. */
export const ApiserverConfig = ProcessConfig.extend({
  ...apiSettings,
  kubeconfig: z.string().optional().meta({ description: 'kubeconfig file; in a pod not needed' }),
  namespace: NamespaceName.default(podNamespace()).meta({
    description: 'namespace of the release; alerts are kept here unless ?namespace= says otherwise',
  }),
  ingestPort: port().default(8080).meta({ description: 'port on which alerts are received' }),
  ingestAddress: z.string().optional().meta({ description: 'address on which alerts are received; all when absent' }),
  ingestTokenFile: z.array(TokenFile).default([]).meta({
    description: 'comma list of <source>=<path>: bearer tokens, one a line, each with the namespaces it may publish to',
  }),
  alertmanagerUrl: z.array(AlertmanagerUrl).default([]).meta({
    description:
      'comma list of Alertmanagers that are asked for alerts they left out of a payload or fell silent about',
  }),
  staleAfter: duration().prefault('25h').meta({
    description:
      'silence after which a firing alert counts as stale, as the worker is told; Alertmanager is asked before',
  }),
  nodeLookup: z.boolean().default(true).meta({
    description: 'watch Nodes, so that an alert that knows only an address finds its Node',
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
  drainDelay: duration().prefault('3s').meta({
    description: 'time from SIGTERM until the port closes, for Services to take notice',
  }),
});
export type ApiserverConfig = Readonly<z.infer<typeof ApiserverConfig>>;

/** Reads the configuration of the apiserver role. @throws ConfigError with every problem at once */
export function loadApiserverConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ApiserverConfig {
  return readConfig(ApiserverConfig, argv, env);
}

/** The files with tokens by source. */
export function tokenFiles({ ingestTokenFile }: Pick<ApiserverConfig, 'ingestTokenFile'>): Map<string, string> {
  return new Map(ingestTokenFile.map(split));
}

function split(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function podNamespace(): string {
  return inPod ? readFileSync(podNamespaceFile, 'utf8').trim() : 'monitoring';
}
