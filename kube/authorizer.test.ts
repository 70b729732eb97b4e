import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AccessQuestion, AccessVerdict } from './access-review.ts';
import { CachingAuthorizer, type ResourceAttributes } from './authorizer.ts';
import type { User } from './user.ts';

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

function authorizerWith(review: (question: AccessQuestion) => Promise<AccessVerdict>) {
  const asked: AccessQuestion[] = [];
  const results: [string, boolean][] = [];
  // lru-cache takes a time of 0 for "never expires".
  const time = { ms: 1 };
  const authorizer = new CachingAuthorizer({
    review: (question) => {
      asked.push(question);
      return review(question);
    },
    clock: { monotonicMs: () => time.ms },
    logger: pino({ level: 'silent' }),
    onResult: (...result) => void results.push(result),
  });
  const ask = (who: User = user, what: ResourceAttributes = trigger, signal = new AbortController().signal) =>
    authorizer.authorize(who, what, signal);
  return { asked, results, time, ask };
}

const allow = () => Promise.resolve({ allowed: true, reason: '' });
const allowed = { outcome: 'allowed' };
const denied = { outcome: 'denied', reason: '' };

describe('CachingAuthorizer', () => {
  it('sends the whole user and all attributes to kube-apiserver', async () => {
    const { asked, ask } = authorizerWith(allow);
    expect(await ask({ ...user, uid: '7', extra: { k: ['v'] } })).toEqual(allowed);
    expect(asked).toEqual([
      { user: 'u', uid: '7', groups: user.groups, extra: { k: ['v'] }, resourceAttributes: trigger },
    ]);
  });

  it('returns the reason of a denial', async () => {
    const { ask } = authorizerWith(() => Promise.resolve({ allowed: false, reason: 'because' }));
    expect(await ask()).toEqual({ outcome: 'denied', reason: 'because' });
  });

  it('remembers permissions and denials alike for ten seconds', async () => {
    let may = true;
    const { asked, results, time, ask } = authorizerWith(() => Promise.resolve({ allowed: may, reason: '' }));
    await ask();
    may = false;
    time.ms = 10_001;
    expect(await ask()).toEqual(allowed);
    time.ms = 10_002;
    expect(await ask()).toEqual(denied);
    may = true;
    time.ms = 20_002;
    expect(await ask()).toEqual(denied);
    time.ms = 20_003;
    expect(await ask()).toEqual(allowed);
    expect(asked).toHaveLength(3);
    expect(results).toEqual([
      ['allowed', false],
      ['allowed', true],
      ['denied', false],
      ['denied', true],
      ['allowed', false],
    ]);
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
  ])('does not reuse a verdict for another %s', async (_, who, what) => {
    const { asked, ask } = authorizerWith(allow);
    await ask();
    await ask(who, what);
    expect(asked).toHaveLength(2);
  });

  it('shares one review between simultaneous callers, also when one of them gives up', async () => {
    const { promise, resolve } = Promise.withResolvers<AccessVerdict>();
    const { asked, ask } = authorizerWith(() => promise);
    const gone = new AbortController();
    const first = ask(user, trigger, gone.signal);
    const others = [ask(), ask()];
    gone.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    resolve({ allowed: true, reason: '' });
    expect(await Promise.all(others)).toEqual([allowed, allowed]);
    expect(asked).toHaveLength(1);
  });

  it('does not remember verdicts about attributes so long that they could fill the memory', async () => {
    const { asked, ask } = authorizerWith(allow);
    const long = { ...trigger, name: 'x'.repeat(10_000) };
    await ask(user, long);
    await ask(user, long);
    expect(asked).toHaveLength(2);
  });

  it('answers a review that is pushed out of the cache while it is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<AccessVerdict>();
    const { ask } = authorizerWith(({ resourceAttributes: { name } }) => (name === 'x' ? promise : allow()));
    const slow = ask();
    for (let index = 0; index < 9_000; index += 1) await ask(user, { ...trigger, name: `n${index}` });
    resolve({ allowed: false, reason: '' });
    expect(await slow).toEqual(denied);
  });

  it('returns unknown when kube-apiserver does not answer, and asks it again the next time', async () => {
    let fails = true;
    const { results, ask } = authorizerWith(() => (fails ? Promise.reject(new Error('down')) : allow()));
    expect(await ask()).toEqual({ outcome: 'unknown', error: new Error('down') });
    fails = false;
    expect(await ask()).toEqual(allowed);
    expect(results).toEqual([
      ['error', false],
      ['allowed', false],
    ]);
  });

  it('returns unknown, not an expired permission, when kube-apiserver does not answer', async () => {
    let fails = false;
    const { time, ask } = authorizerWith(() => (fails ? Promise.reject(new Error('down')) : allow()));
    expect(await ask()).toEqual(allowed);
    fails = true;
    time.ms = 20_000;
    expect(await ask()).toMatchObject({ outcome: 'unknown' });
  });

  it('allows everything to system:masters without a review, as kube-apiserver does', async () => {
    const { asked, ask } = authorizerWith(() => Promise.resolve({ allowed: false, reason: '' }));
    expect(await ask({ ...user, groups: ['system:masters'] })).toEqual(allowed);
    expect(await ask({ ...user, groups: ['team, system:masters'] })).toEqual(denied);
    expect(asked).toHaveLength(1);
  });
});
