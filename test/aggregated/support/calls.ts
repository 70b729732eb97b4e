import type { Answer, Call, Operation } from '../../../apiserver/kubeapi/api.ts';
import { StatusError, type Status } from '../../../apiserver/kubeapi/status.ts';

/** A request as the server core hands it over. */
export function aCall(changes: Partial<Call> & { user?: Call['user'] } = {}): Call {
  return {
    user: { name: 'alice', uid: '', groups: ['system:authenticated'], extra: {} },
    namespace: 'monitoring',
    name: 'default-disk-0123456789',
    body: {},
    query: new URLSearchParams(),
    dryRun: false,
    userAgent: 'kubectl/v1.36.3 (linux/amd64)',
    auditId: '11111111-2222-3333-4444-555555555555',
    signal: new AbortController().signal,
    ...changes,
  };
}

export function userNamed(name: string): Call['user'] {
  return { name, uid: '', groups: ['system:authenticated'], extra: {} };
}

/** Reads the body as the server core does and answers what the operation answers. */
export function send(operation: Operation | undefined, changes: Partial<Call> = {}): Promise<Answer> {
  if (operation === undefined) throw new Error('there is no such operation');
  const call = aCall(changes);
  const body = operation.request?.parse(call.body);
  return operation.handle({ ...call, body });
}

/** The Status that an operation ends with. */
export async function refusalOf(answer: Promise<Answer>): Promise<Status> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('it was answered');
}
