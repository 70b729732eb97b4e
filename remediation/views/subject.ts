import type { KubeObject } from '../../crds/object.ts';
import type { Origin, SubjectMetadata } from '../../crds/subresources/subject.ts';

/** Returns the metadata of the inspected object. */
export function subjectOf({ metadata }: KubeObject): SubjectMetadata {
  const { name, namespace = '', uid = '', resourceVersion = '', creationTimestamp } = metadata;
  return { name, namespace, uid, resourceVersion, ...(creationTimestamp && { creationTimestamp }) };
}

export function originOf({ metadata }: KubeObject): Origin {
  const { name, namespace = '', generation } = metadata;
  return { name, namespace, ...(generation !== undefined && { generation }) };
}
