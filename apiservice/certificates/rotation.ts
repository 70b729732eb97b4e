import { isValid, renewalTime, type Period } from './authorities.ts';

type Identified = Period & { readonly id: string };

/** State that one replica decides on; contains no secrets. */
export interface RotationState {
  /** Undefined when there are none. */
  readonly authorities:
    | {
        readonly current: Identified;
        readonly next?: Identified | undefined;
        readonly retired: readonly Identified[];
      }
    | undefined;
  /**
   * Milliseconds for which this replica has seen each authority in the registered objects, by id. Undefined when nothing
   * is registered: then there are no clients that have to trust us.
   */
  readonly publishedForMs: ReadonlyMap<string, number> | undefined;
  /** Something was registered and is no more: Aegis is being uninstalled. */
  readonly withdrawn: boolean;
  /** The certificate that this replica serves. */
  readonly leaf: (Period & { readonly issuer: string }) | undefined;
  /** Milliseconds that an authority is published before it is used. */
  readonly overlapMs: number;
}

/** The next steps of a replica. */
export interface Rotation {
  /**
   * - `create`: there are no authorities yet
   * - `prepare`: add the next one, which is not used yet
   * - `promote`: the next one signs from now on
   * - `replace`: the current one has expired; there is nothing left to overlap with
   * - `prune`: remove retired ones that have expired
   */
  readonly authorities: 'keep' | 'create' | 'prepare' | 'promote' | 'replace' | 'prune';
  readonly leaf: 'keep' | 'issue';
}

/**
 * Decides the next steps of a replica, so that its serving certificate is trusted by the registered objects at any time.
 * Any number of replicas decide independently, each with its own clock; of the replicas that saw the same state, only one
 * can write the authorities.
 */
export function decideRotation(state: RotationState, now: Date): Rotation {
  return { authorities: decideAuthorities(state, now), leaf: decideLeaf(state, now) };
}

function decideAuthorities(state: RotationState, now: Date): Rotation['authorities'] {
  const { authorities, withdrawn } = state;
  if (authorities === undefined) return withdrawn ? 'keep' : 'create';
  const { current, next, retired } = authorities;
  if (current.notAfter <= now) return next !== undefined && isValid(next, now) ? 'promote' : 'replace';
  if (next !== undefined) return decideNext(state, current, next, now);
  // Not valid yet means that our own clock is wrong: other replicas take the steps.
  if (isValid(current, now) && renewalTime(current) <= now) return 'prepare';
  return retired.some(({ notAfter }) => notAfter <= now) ? 'prune' : 'keep';
}

function decideNext(state: RotationState, current: Period, next: Identified, now: Date): Rotation['authorities'] {
  if (next.notAfter <= now) return 'prepare';
  if (!isValid(next, now)) return 'keep';
  if (isTrusted(state, next.id)) return 'promote';
  // Late, after a suspension: a short overlap is better than none.
  const late = now.getTime() >= current.notAfter.getTime() - state.overlapMs;
  return late && isPublished(state, next.id) ? 'promote' : 'keep';
}

function decideLeaf(state: RotationState, now: Date): Rotation['leaf'] {
  const { authorities, leaf, publishedForMs } = state;
  if (authorities === undefined || !isValid(authorities.current, now)) return 'keep';
  const issuer = authorities.current.id;
  if (leaf === undefined || !isValid(leaf, now)) return 'issue';
  const due = renewalTime(leaf);
  if (leaf.issuer === issuer) return due <= now ? 'issue' : 'keep';
  if (isTrusted(state, issuer)) return 'issue';
  if (!isPublished(state, issuer)) return 'keep';
  // Published only recently: still better than a certificate that is not trusted any more, or about to expire.
  const late = (due.getTime() + leaf.notAfter.getTime()) / 2;
  return publishedForMs?.has(leaf.issuer) === false || late <= now.getTime() ? 'issue' : 'keep';
}

function isPublished({ publishedForMs }: RotationState, id: string): boolean {
  return publishedForMs === undefined || publishedForMs.has(id);
}

function isTrusted({ publishedForMs, overlapMs }: RotationState, id: string): boolean {
  return publishedForMs === undefined || (publishedForMs.get(id) ?? -1) >= overlapMs;
}
