import { viaOf } from '../../../remediation/planning/request.ts';
import type { Call } from '../../kubeapi/api.ts';

/** Who decides, and how. */
export interface Person {
  readonly name: string;
  readonly groups: readonly string[];
  readonly via: ReturnType<typeof viaOf>;
}

/** The user is kube-apiserver's word; `via` is hers, good for records only. */
export function personOf({ user, userAgent }: Pick<Call, 'user' | 'userAgent'>): Person {
  return { name: user.name, groups: user.groups, via: viaOf(userAgent) };
}

/** `jane approved x (kubectl): because`, for events. */
export function sentence({ name, via }: Person, deed: string, why: string | undefined): string {
  return `${name} ${deed} (${via})${why === undefined || why === '' ? '' : `: ${why}`}`;
}
