import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import type { CertificateFiles } from '../../devcluster/pki.ts';

/** Everything that Kubernetes stores begins with this. */
const prefix = '/registry/';
/** Renewed by the control plane itself, for itself. */
const ownedByControlPlane = [
  '/registry/leases/kube-system/',
  '/registry/masterleases/',
  '/registry/serviceaccounts/kube-system/',
];
/** etcd takes no more in one transaction. */
const operationsPerTransaction = 100;

/** The keys of etcd at one time. Values are Base64, as etcd's JSON has them. */
export type Snapshot = ReadonlyMap<string, { readonly revision: string; readonly value: string }>;

/** Reads and writes etcd behind the back of kube-apiserver, which sees every write in its watches. */
export interface EtcdKeys {
  snapshot(): Promise<Snapshot>;
  /** Makes the keys those of the snapshot again; returns it with the revisions that the keys have now. */
  restore(snapshot: Snapshot): Promise<Snapshot>;
  close(): Promise<void>;
}

interface Range {
  kvs?: { key: string; mod_revision: string; value?: string }[];
}

type Operation =
  { requestPut: { key: string; value: string } } | { requestDeleteRange: { key: string; range_end: string } };

/** @param client a certificate that etcd accepts, and the one of its authority */
export function openEtcdKeys(url: string, { certFile, keyFile }: CertificateFiles, caFile: string): EtcdKeys {
  const [ca, cert, key] = [caFile, certFile, keyFile].map((file) => readFileSync(file));
  const dispatcher = new Agent({ connect: { ca, cert, key } });
  const call = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(url + path, { dispatcher, method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd answered ${path} with ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const range = async (keysOnly: boolean): Promise<NonNullable<Range['kvs']>> => {
    const whole = { key: encode(prefix), range_end: encode(endOf(prefix)), keys_only: keysOnly };
    const { kvs = [] } = (await call('/v3/kv/range', whole)) as Range;
    const keys = kvs.map((kv) => ({ ...kv, key: decode(kv.key) }));
    return keys.filter((kv) => !ownedByControlPlane.some((owned) => kv.key.startsWith(owned)));
  };
  const write = async (operations: readonly Operation[]): Promise<void> => {
    for (let at = 0; at < operations.length; at += operationsPerTransaction) {
      await call('/v3/kv/txn', { success: operations.slice(at, at + operationsPerTransaction) });
    }
  };
  const revisionsOf = async (snapshot: Snapshot): Promise<Snapshot> => {
    const now = new Map((await range(true)).map((kv) => [kv.key, kv.mod_revision]));
    return new Map([...snapshot].map(([name, kv]) => [name, { ...kv, revision: now.get(name) ?? '' }]));
  };
  return {
    snapshot: async () =>
      new Map((await range(false)).map((kv) => [kv.key, { revision: kv.mod_revision, value: kv.value ?? '' }])),
    restore: async (snapshot) => {
      const now = await range(true);
      const operations = differences(snapshot, now);
      if (operations.length === 0) return snapshot;
      await write(operations);
      return revisionsOf(snapshot);
    },
    close: () => dispatcher.close(),
  };
}

/** Neighbours that are all too many go in one operation, so that thousands of objects do not need thousands of them. */
function differences(snapshot: Snapshot, now: readonly { key: string; mod_revision: string }[]): Operation[] {
  const deletions: Operation[] = [];
  let run: { first: string; last: string } | undefined;
  const endRun = (): void => {
    if (run === undefined) return;
    const { first, last } = run;
    deletions.push({ requestDeleteRange: { key: encode(first), range_end: encode(`${last}\0`) } });
    run = undefined;
  };
  for (const { key } of now) {
    if (snapshot.has(key)) endRun();
    else run = { first: run?.first ?? key, last: key };
  }
  endRun();
  const revisions = new Map(now.map(({ key, mod_revision: revision }) => [key, revision]));
  const puts = [...snapshot]
    .filter(([name, { revision }]) => revisions.get(name) !== revision)
    .map(([name, { value }]) => ({ requestPut: { key: encode(name), value } }));
  return [...deletions, ...puts];
}

/** The first key after all that begin with this text. */
function endOf(text: string): string {
  return text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
