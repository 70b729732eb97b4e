import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AccessQuestion, AccessVerdict } from '../../../kube/access-review.ts';
import { createRegistry } from '../../../process/metrics.ts';
import { createAccessReviewer } from './access-reviewer.ts';
import type { ResourceAttributes } from '../../kubeapi/api.ts';
import { createApiMetrics } from '../metrics.ts';
import { StatusError } from '../../kubeapi/status.ts';
import type { User } from '../../kubeapi/user.ts';

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

function reviewer(review: (question: AccessQuestion) => Promise<AccessVerdict>) {
  const asked: AccessQuestion[] = [];
  const time = { ms: 0 };
  const access = createAccessReviewer({
    review: (question) => {
      asked.push(question);
      return review(question);
    },
    clock: { monotonicMs: () => time.ms },
    logger: pino({ level: 'silent' }),
    metrics: createApiMetrics(createRegistry()),
  });
  const ask = async (who: User = user, what: ResourceAttributes = trigger, signal = new AbortController().signal) => {
    try {
      await access.authorize(who, what, signal);
      return 'allowed';
    } catch (error) {
      return error instanceof StatusError ? error.status : error;
    }
  };
  return { asked, time, ask };
}

const allow = () => Promise.resolve({ allowed: true, reason: '' });

describe('whether somebody may do something', () => {
  it('is asked with everything that is known', async () => {
    const { asked, ask } = reviewer(allow);
    expect(await ask({ ...user, uid: '7', extra: { k: ['v'] } })).toBe('allowed');
    expect(asked).toEqual([
      { user: 'u', uid: '7', groups: user.groups, extra: { k: ['v'] }, resourceAttributes: trigger },
    ]);
  });

  it('is refused in the words of Kubernetes', async () => {
    const { ask } = reviewer(() => Promise.resolve({ allowed: false, reason: 'because' }));
    expect(await ask()).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'aegisalerts.subresources.aegis.io "x" is forbidden: User "u" cannot create resource "aegisalerts/trigger" in API group "subresources.aegis.io" in the namespace "ns": because',
      details: { name: 'x', group: 'subresources.aegis.io', kind: 'aegisalerts' },
    });
    expect(
      await ask(user, { verb: 'list', group: '', version: 'v1', resource: 'nodes', namespace: '', name: '' }),
    ).toMatchObject({
      message:
        'nodes is forbidden: User "u" cannot list resource "nodes" in API group "" at the cluster scope: because',
    });
  });

  it('is remembered for ten seconds, yes and no alike', async () => {
    let allowed = true;
    const { asked, time, ask } = reviewer(() => Promise.resolve({ allowed, reason: '' }));
    await ask();
    allowed = false;
    time.ms = 9_999;
    expect(await ask()).toBe('allowed');
    time.ms = 10_000;
    expect(await ask()).toMatchObject({ code: 403 });
    allowed = true;
    time.ms = 19_999;
    expect(await ask()).toMatchObject({ code: 403 });
    time.ms = 20_000;
    expect(await ask()).toBe('allowed');
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['user', { ...user, name: 'v' }, trigger],
    ['groups', { ...user, groups: ['g,system:authenticated'] }, trigger],
    ['uid', { ...user, uid: '1' }, trigger],
    ['extra', { ...user, extra: { a: ['b'] } }, trigger],
    ['verb', user, { ...trigger, verb: 'get' }],
    ['name', user, { ...trigger, name: 'y' }],
    ['namespace', user, { ...trigger, namespace: 'other' }],
    ['subresource', user, { ...trigger, subresource: 'approve' }],
  ])('is not the same for another %s', async (_, who, what) => {
    const { asked, ask } = reviewer(allow);
    await ask();
    await ask(who, what);
    expect(asked).toHaveLength(2);
  });

  it('is asked once by many at once, and who hangs up takes it from nobody', async () => {
    const { promise, resolve } = Promise.withResolvers<AccessVerdict>();
    const { asked, ask } = reviewer(() => promise);
    const gone = new AbortController();
    const first = ask(user, trigger, gone.signal);
    const others = [ask(), ask()];
    gone.abort(new Error('gone'));
    expect(await first).toMatchObject({ message: 'gone' });
    resolve({ allowed: true, reason: '' });
    expect(await Promise.all(others)).toEqual(['allowed', 'allowed']);
    expect(asked).toHaveLength(1);
  });

  it('is not remembered when the question is so long that it could fill the memory', async () => {
    const { asked, ask } = reviewer(allow);
    const long = { ...trigger, name: 'x'.repeat(10_000) };
    await ask(user, long);
    await ask(user, long);
    expect(asked).toHaveLength(2);
  });

  it('is a no, and asked anew, when it cannot be found out', async () => {
    let fails = true;
    const { ask } = reviewer(() => (fails ? Promise.reject(new Error('down')) : allow()));
    const answer = await ask();
    expect(answer).toMatchObject({ code: 503, reason: 'ServiceUnavailable', details: { retryAfterSeconds: 1 } });
    expect(JSON.stringify(answer)).not.toContain('down');
    fails = false;
    expect(await ask()).toBe('allowed');
  });

  it('is not asked for system:masters, whom kube-apiserver never refuses', async () => {
    const { asked, ask } = reviewer(() => Promise.resolve({ allowed: false, reason: '' }));
    expect(await ask({ ...user, groups: ['system:masters'] })).toBe('allowed');
    expect(await ask({ ...user, groups: ['team, system:masters'] })).toMatchObject({ code: 403 });
    expect(asked).toHaveLength(1);
  });
});
