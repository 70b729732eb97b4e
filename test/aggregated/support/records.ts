import { readFileSync } from 'node:fs';
import type { Cluster } from '../../../devcluster/cluster.ts';

/** What kube-apiserver writes down of a request. */
export interface AuditEntry {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestReceivedTimestamp: string;
}

/** Every request that kube-apiserver has answered so far. */
export function auditEntries({ auditLog = '' }: Cluster): AuditEntry[] {
  return linesOf(auditLog).map((line) => JSON.parse(line) as AuditEntry);
}

/** The lines about requests in the log of a process of the apiserver role. */
export function accessLines({ supervisor }: Cluster, name: string): Record<string, unknown>[] {
  return linesOf(supervisor.logFile(name))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'Request');
}

/** Without the last one, which may be half written. */
function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}
