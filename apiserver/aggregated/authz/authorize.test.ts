import { describe, expect, it } from '@jest/globals';
import type { Authorization, ResourceAttributes } from '../../../kube/authorizer.ts';
import type { User } from '../../../kube/user.ts';
import { StatusError } from '../../kubeapi/status.ts';
import { authorize } from './authorize.ts';

const user: User = { name: 'u', uid: '', groups: ['g', 'system:authenticated'], extra: {} };
const trigger: ResourceAttributes = {
  verb: 'create',
  group: 'subresources.aegis.io',
  version: 'v1alpha1',
  resource: 'aegisalerts',
  subresource: 'trigger',
  namespace: 'ns',
  name: 'x',
};

async function statusOf(result: Authorization, attributes = trigger): Promise<unknown> {
  const authorizer = { authorize: () => Promise.resolve(result) };
  try {
    await authorize(authorizer, user, attributes, new AbortController().signal);
    return 'allowed';
  } catch (error) {
    return error instanceof StatusError ? error.status : error;
  }
}

describe('authorize', () => {
  it('an allowed request of a user is authorized', async () => {
    expect(await statusOf({ outcome: 'allowed' })).toBe('allowed');
  });

  it('a denied user gets 403 with the message of Kubernetes', async () => {
    const denied = { outcome: 'denied', reason: 'because' } as const;
    expect(await statusOf(denied)).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'aegisalerts.subresources.aegis.io "x" is forbidden: User "u" cannot create resource "aegisalerts/trigger" in API group "subresources.aegis.io" in the namespace "ns": because',
      details: { name: 'x', group: 'subresources.aegis.io', kind: 'aegisalerts' },
    });
    expect(
      await statusOf(denied, { verb: 'list', group: '', version: 'v1', resource: 'nodes', namespace: '', name: '' }),
    ).toMatchObject({
      message:
        'nodes is forbidden: User "u" cannot list resource "nodes" in API group "" at the cluster scope: because',
    });
  });

  it('a request gets 503 without details when kube-apiserver does not answer the access review', async () => {
    const answer = await statusOf({ outcome: 'unknown', error: new Error('down') });
    expect(answer).toMatchObject({ code: 503, reason: 'ServiceUnavailable', details: { retryAfterSeconds: 1 } });
    expect(JSON.stringify(answer)).not.toContain('down');
  });
});
