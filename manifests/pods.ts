import { partOf } from './manifest.ts';

/** A role that runs in pods of its own, as the ServiceAccount `aegis-<role>`. */
export type PodRole = 'apiserver' | 'worker';

/** What is called after the role: its ServiceAccount, Deployment, Service, policies. */
export function nameOf(role: PodRole): string {
  return `aegis-${role}`;
}

/** Labels by which the pods of a role are chosen; they never change. */
export function podsOf(role: PodRole): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'aegis', 'app.kubernetes.io/component': role };
}

/** All labels of the pods of a role. */
export function podLabelsOf(role: PodRole): Readonly<Record<string, string>> {
  return { ...partOf, ...podsOf(role) };
}

/** The ports of a role, as its flags have them by default; Services, policies and probes call them by name. */
export const podPorts = {
  apiserver: { api: 8443, webhooks: 9443, ingest: 8080, metrics: 9090 },
  worker: { metrics: 9090 },
} as const satisfies Record<PodRole, Readonly<Record<string, number>>>;
