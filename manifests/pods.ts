import { partOf } from './manifest.ts';

/** A role that runs in pods of its own, as the ServiceAccount `aegis-<role>`. */
export type PodRole = 'apiserver' | 'worker';

/** Returns the name of the objects of a role: its ServiceAccount, Deployment, Service and policies. */
export function nameOf(role: PodRole): string {
  return `aegis-${role}`;
}

/** Returns the labels that select the pods of a role; they never change. */
export function podsOf(role: PodRole): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'aegis', 'app.kubernetes.io/component': role };
}

/** Returns all labels of the pods of a role. */
export function podLabelsOf(role: PodRole): Readonly<Record<string, string>> {
  return { ...partOf, ...podsOf(role) };
}

/** The ports of a role, by the defaults of its flags; Services, policies and probes refer to them by name. */
export const podPorts = {
  apiserver: { api: 8443, webhooks: 9443, ingest: 8080, metrics: 9090 },
  worker: { metrics: 9090 },
} as const satisfies Record<PodRole, Readonly<Record<string, number>>>;
