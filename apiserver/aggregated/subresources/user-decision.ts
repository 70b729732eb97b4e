import type { z } from 'zod';
import type { KubeObject, ResourceType } from '../../../crds/object.ts';
import { viaOf } from '../../../remediation/planning/request.ts';
import type { Call, Subresource } from '../../kubeapi/api.ts';
import { objectChanger, type Decide } from '../objects/change.ts';
import type { Deps } from './deps.ts';

/** The user of a call and the program that the call came from. */
export interface DecidingUser {
  readonly name: string;
  readonly groups: readonly string[];
  /** Derived from the User-Agent, which the client controls: for records only. */
  readonly via: ReturnType<typeof viaOf>;
}

/** A subresource by which a user changes an object. */
export interface UserDecision<T extends KubeObject> {
  /** `acknowledge` */
  readonly name: string;
  readonly type: ResourceType<T>;
  /** Schema of `type`. */
  readonly schema: z.ZodType;
  /** One sentence, for OpenAPI. */
  readonly summary: string;
  readonly request: z.ZodType;
  readonly requestKind: string;
  /** Reads the request, before the object is. @throws StatusError */
  prepare(call: Call, user: DecidingUser): PreparedDecision<T> | Promise<PreparedDecision<T>>;
}

/** One request of a user, ready to be applied. */
export interface PreparedDecision<T> {
  /** Called again when another client has changed the object meanwhile. @throws StatusError */
  readonly decide: Decide<T>;
  /** The event about a change. */
  event(object: T): DecisionEvent;
  /** Object that the event is recorded on; default: the changed object. */
  regarding?(object: T): KubeObject;
  warnings?(object: T): readonly string[];
}

export interface DecisionEvent {
  /** Default `Normal`. */
  readonly type?: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  /** The action of the user, in the past tense: `resolved it`. */
  readonly did: string;
  /** Why, in the words of the user. */
  readonly comment?: string | undefined;
}

/** Creates the subresource of a user decision: it changes the object, records an event and returns the object. */
export function userDecision<T extends KubeObject>(deps: Deps, decision: UserDecision<T>): Subresource {
  const { name, type, schema, summary, request, requestKind } = decision;
  const { group, version, kind } = type;
  const change = objectChanger(deps, type);
  return {
    name,
    kind,
    kindGroup: { group, version },
    create: {
      summary,
      request,
      requestKind,
      response: schema,
      responseKind: kind,
      responseGroup: { group, version },
      handle: async (call) => {
        const user = userOf(call);
        const prepared = await decision.prepare(call, user);
        const { object, changed } = await change(call, prepared.decide);
        if (changed && !call.dryRun) {
          const { type: eventType = 'Normal', reason, action, did, comment } = prepared.event(object);
          const note = noteOf(user, did, comment);
          deps.events.record(prepared.regarding?.(object) ?? object, { type: eventType, reason, action, note });
        }
        const warnings = prepared.warnings?.(object) ?? [];
        return { code: 200, object, ...(warnings.length === 0 ? {} : { warnings }) };
      },
    },
  };
}

function userOf({ user, userAgent }: Call): DecidingUser {
  return { name: user.name, groups: user.groups, via: viaOf(userAgent) };
}

/** `jane approved x (kubectl): because` */
function noteOf({ name, via }: DecidingUser, did: string, comment = ''): string {
  return `${name} ${did} (${via})${comment === '' ? '' : `: ${comment}`}`;
}
