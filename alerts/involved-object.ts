import type { InvolvedObject } from '../crds/alert.ts';
import { boundedText } from './bounds.ts';
import type { ParseContext } from './incoming.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels that name an object of the namespace in the label `namespace`; the first one present wins. */
const workloads = [
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
  ['job_name', 'Job'],
] as const;

/** The label that names an object of a kind, for alerts that say `kind: Node` and the name only as `node`. */
const ownLabels = new Map<string, string>([
  ['Node', 'node'],
  ['Pod', 'pod'],
  ['Namespace', 'namespace'],
  ...workloads.map(([label, kind]) => [kind, label] as const),
]);

/** Kinds that senders write in any letter case. */
const kinds = new Map([...ownLabels.keys(), 'Workflow', 'PyTorchJob'].map((kind) => [kind.toLowerCase(), kind]));

const clusterScoped = new Set(['Node', 'Namespace']);

/**
 * Bounds the fields and leaves out the empty ones; the node of a Node is itself. A field that is too long is marked, so
 * that it names nothing.
 */
export function involvedObject(fields: Record<keyof InvolvedObject, string | undefined>): InvolvedObject {
  const kind = canonicalKind(fields.kind);
  return {
    ...present('kind', kind, 63),
    ...present('name', fields.name, 253),
    ...present('namespace', fields.namespace, 63),
    ...present('node', filled(fields.node) ?? (kind === 'Node' ? fields.name : undefined), 253),
  };
}

/** Returns the object that the labels of a Prometheus alert name. */
export function objectOfLabels(labels: Labels, context: ParseContext): InvolvedObject {
  const label = (name: string): string | undefined => filled(labels[name]);
  const instance = label('instance');
  const host = instance === undefined ? undefined : hostOf(instance);
  const nodeOfInstance = host === undefined ? undefined : context.nodeOf(host);
  const found =
    explicit(label, nodeOfInstance ?? host) ?? workload(label) ?? otherwise(label, instance, nodeOfInstance);
  return involvedObject({ ...found, node: label('node') });
}

type ReadLabel = (name: string) => string | undefined;

interface Found {
  kind: string | undefined;
  name: string | undefined;
  namespace: string | undefined;
}

/** The label `kind`, with the name in `name`, in the original's `involved_object_name`, or in the kind's own label. */
function explicit(label: ReadLabel, host: string | undefined): Found | undefined {
  const kind = canonicalKind(label('kind'));
  if (kind === undefined) return undefined;
  const own = label(ownLabels.get(kind) ?? '') ?? (kind === 'Node' ? host : undefined);
  const name = label('name') ?? label('involved_object_name') ?? own;
  if (name === undefined) return undefined;
  return { kind, name, namespace: clusterScoped.has(kind) ? undefined : label('namespace') };
}

function workload(label: ReadLabel): Found | undefined {
  const namespace = label('namespace');
  const pod = label('pod');
  if (pod !== undefined && namespace !== undefined) return { kind: 'Pod', name: pod, namespace };
  const node = label('node');
  if (node !== undefined) return { kind: 'Node', name: node, namespace: undefined };
  const [labelName = '', kind] = workloads.find(([name]) => label(name) !== undefined) ?? [];
  return kind === undefined || namespace === undefined ? undefined : { kind, name: label(labelName), namespace };
}

function otherwise(label: ReadLabel, instance: string | undefined, node: string | undefined): Found {
  if (node !== undefined) return { kind: 'Node', name: node, namespace: undefined };
  const namespace = label('namespace');
  if (namespace !== undefined) return { kind: 'Namespace', name: namespace, namespace: undefined };
  return { kind: canonicalKind(label('kind')), name: instance, namespace: undefined };
}

/** `10.0.0.1:9100`, `[fd00::1]:9100`, `dev1:9100` without the port; a bare IPv6 address as it is. */
function hostOf(instance: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(instance)?.[1];
  return bracketed ?? /^([^:]*):\d+$/.exec(instance)?.[1] ?? instance;
}

function canonicalKind(kind: string | undefined): string | undefined {
  const text = filled(kind?.trim());
  return text === undefined ? undefined : (kinds.get(text.toLowerCase()) ?? text);
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

function present(field: keyof InvolvedObject, text: string | undefined, max: number): Partial<InvolvedObject> {
  const value = filled(text);
  return value === undefined ? {} : { [field]: boundedText(value, max) };
}
