import type { AegisRemediation, RemediationTarget } from '../../crds/remediation.ts';

/** An attempt as `namespace/name`. */
export function attemptPath({ metadata: { namespace = '', name } }: AegisRemediation): string {
  return `${namespace}/${name}`;
}

/** The target, as `kind/namespace/name`; undefined when it has no kind or no name. */
export function targetPath(target: RemediationTarget | undefined): string | undefined {
  const { kind, namespace = '', name } = target ?? {};
  return kind === undefined || name === undefined ? undefined : `${kind}/${namespace}/${name}`;
}

/** The same object has the same key, however its kind is spelled: `node/a`, `pod/default/b`. */
export function targetKey(text: string): string {
  const [kind = '', namespace = '', ...name] = text.split('/');
  return [kind.toLowerCase(), ...(namespace === '' ? [] : [namespace]), name.join('/')].join('/');
}

/** Returns the key of the target of an attempt. An attempt without a target counts for itself. */
export function attemptTargetKey(remediation: AegisRemediation): string {
  const text = targetPath(remediation.spec.target);
  return text === undefined ? unknownTarget(attemptPath(remediation)) : targetKey(text);
}

/** The key of a target that is not known. */
export function unknownTarget(attempt: string): string {
  return `remediation/${attempt}`;
}
