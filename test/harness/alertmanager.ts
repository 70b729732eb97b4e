import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureAlertmanager, type UnpackedProgram } from '../../devcluster/binaries/redis-server.ts';
import { silent } from '../../devcluster/log.ts';
import { freePorts } from '../../devcluster/ports.ts';
import { answersOk } from '../../devcluster/probe.ts';
import type { Harness } from './aegis.ts';

/** An alert as Prometheus hands it to Alertmanager. */
export interface PrometheusAlert {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  startsAt?: string;
  endsAt?: string;
}

export interface Alertmanager {
  url: string;
  /** As Prometheus does it; not repeated, so `endsAt` must be far enough away. */
  fire(alerts: readonly PrometheusAlert[]): Promise<void>;
}

export interface AlertmanagerOptions {
  /** Any free one when absent. */
  port?: number;
  /** How often an alert that goes on firing is sent again. */
  repeatInterval?: string;
}

/** Groups are sent at once and again each second when they change; a flush that failed is tried again. */
function configuration(webhook: string, repeatInterval: string): string {
  return JSON.stringify({
    global: { resolve_timeout: '1h' },
    receivers: [{ name: 'aegis', webhook_configs: [{ url: webhook, send_resolved: true }] }],
    route: {
      receiver: 'aegis',
      group_by: ['alertname'],
      group_wait: '0s',
      group_interval: '1s',
      repeat_interval: repeatInterval,
    },
  });
}

/**
 * Debian's build reads its templates from a fixed path. Where that is not installed, the folder that they were unpacked
 * to is laid over it in a mount namespace of the process's own, which takes root or the right to make user namespaces.
 */
function launch({ command }: UnpackedProgram, args: readonly string[]): { command: string; args: string[] } {
  if (existsSync('/usr/share/prometheus/alertmanager/default.tmpl')) return { command, args: [...args] };
  const share = join(dirname(dirname(command)), 'share');
  const script = `mount -t overlay overlay -o "lowerdir=$0:/usr/share" /usr/share && exec "$@"`;
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return { command: 'unshare', args: ['--mount', ...user, 'sh', '-c', script, share, command, ...args] };
}

/** Starts a real Alertmanager that sends to the first apiserver; it ends with the cluster. */
export async function startAlertmanager(
  { cluster, ingest }: Harness,
  { port: wanted, repeatInterval = '4s' }: AlertmanagerOptions = {},
): Promise<Alertmanager> {
  const [port = 0] = wanted === undefined ? await freePorts(1) : [wanted];
  const program = await ensureAlertmanager(process.env, silent);
  const folder = join(cluster.dataDir, 'alertmanager');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, configuration(`${ingest[0] ?? ''}/alertmanager/alert`, repeatInterval));
  const url = `http://127.0.0.1:${port}`;
  await cluster.supervisor.start({
    name: 'alertmanager',
    ...launch(program, [
      `--config.file=${file}`,
      `--storage.path=${folder}`,
      `--web.listen-address=127.0.0.1:${port}`,
      // No gossip: one of its own, on this machine only.
      '--cluster.listen-address=',
      '--log.level=debug',
    ]),
    env: { ...process.env, ...program.env },
    ready: () => answersOk(`${url}/-/ready`),
  });
  return {
    url,
    fire: async (alerts) => {
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      if (!response.ok) throw new Error(`Alertmanager refused the alerts: ${response.status} ${await response.text()}`);
    },
  };
}
