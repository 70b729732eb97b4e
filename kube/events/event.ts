import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { toMicroTime } from '../kinds/lease.ts';

/** events.k8s.io/v1 */
export interface KubeEvent extends KubeObject {
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  action: string;
  reason: string;
  regarding: ObjectReference;
  note: string;
  type: EventType;
  series?: { count: number; lastObservedTime: string };
}

export type EventType = 'Normal' | 'Warning';

export interface ObjectReference {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
}

/** An occurrence that concerns an object. */
export interface EventFacts {
  readonly type: EventType;
  /** CamelCase, such as `WorkflowSubmitted`; at most 128 characters. */
  readonly reason: string;
  /** Description for users; cut at 1 KiB. */
  readonly note: string;
  /** The action, CamelCase. Default `Reconcile`. */
  readonly action?: string;
}

export const events: ResourceType<KubeEvent> = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

const maxNoteBytes = 1024;
/** Namespace for events of cluster-scoped objects. */
const defaultNamespace = 'default';

/**
 * Returns an event about an object.
 *
 * @param suffix makes the name unique among the events of the object
 */
export function eventOf(
  regarding: KubeObject,
  facts: EventFacts,
  reporter: { readonly controller: string; readonly instance: string },
  { now, suffix }: { readonly now: Date; readonly suffix: string },
): KubeEvent {
  const { name, namespace, uid, resourceVersion } = regarding.metadata;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200)}.${suffix}`, namespace: namespace ?? defaultNamespace },
    eventTime: toMicroTime(now),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, 128),
    action: facts.action ?? 'Reconcile',
    reason: facts.reason.slice(0, 128),
    regarding: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    note: cutNote(facts.note),
    type: facts.type,
  };
}

/** Cuts a note at 1 KiB of UTF-8, the limit of the API server. */
export function cutNote(note: string): string {
  const bytes = Buffer.from(note, 'utf8');
  if (bytes.length <= maxNoteBytes) return note;
  let end = maxNoteBytes - 3;
  // Not within a character, whose further bytes begin with the bits 10.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}
