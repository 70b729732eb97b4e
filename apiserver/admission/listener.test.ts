import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { aRule, aTemplate } from '../../test/builders/objects.ts';
import {
  openAdmission,
  reviewOf,
  type OpenAdmission,
  type AdmissionOptions,
} from '../../test/admission/fakes/admission.ts';
import { aegisAlertOpsRules } from '../../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../../crds/ops-template.ts';
import { aegisRemediationPolicies } from '../../crds/remediation-policy.ts';

let admission: OpenAdmission;

async function open(options: AdmissionOptions = {}): Promise<OpenAdmission> {
  admission = await openAdmission(options);
  return admission;
}

afterEach(async () => {
  await admission.close();
});

const path = '/admission/aegisalertopsrules';
const broken = aRule({ spec: { alertConditions: [{ type: '(', status: 'Firing' }] } });

describe('an answer to a review', () => {
  it.each([
    ['CREATE', null],
    ['UPDATE', aRule()],
  ])(
    'a review of a %s of an invalid object is refused with HTTP 200, the same uid, and no patch',
    async (operation, oldObject) => {
      const { review } = await open();
      const { code, headers, body } = await review(aegisAlertOpsRules, broken, { operation, oldObject, uid: 'u-1' });
      expect(code).toBe(200);
      expect(headers.get('content-type')).toBe('application/json');
      expect(body).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
      expect(Object.keys(body.response ?? {}).sort()).toEqual(['allowed', 'status', 'uid']);
      expect(body.response).toMatchObject({ uid: 'u-1', allowed: false, status: { code: 422, reason: 'Invalid' } });
    },
  );

  it.each([
    ['its labels change', { operation: 'UPDATE', oldObject: { ...broken, metadata: {} } }],
    ['its status changes', { operation: 'UPDATE', subResource: 'status', oldObject: aRule() }],
    ['it is deleted', { operation: 'DELETE', object: null, oldObject: broken }],
  ])('a stored object that is invalid is admitted when %s', async (_, changes) => {
    const { review, lines } = await open({ may: () => false });
    const { body } = await review(aegisAlertOpsRules, broken, changes);
    expect(body.response).toEqual({ uid: expect.any(String), allowed: true });
    expect(lines).toEqual([]);
  });

  it('a review of a dry run has the same result', async () => {
    const { review } = await open();
    const [wet, dry] = await Promise.all([false, true].map((dryRun) => review(aegisAlertOpsRules, broken, { dryRun })));
    expect(dry?.body).toEqual(wet?.body);
  });

  it('an update without an old object is validated', async () => {
    const { review } = await open();
    const { body } = await review(aegisAlertOpsRules, broken, { operation: 'UPDATE', oldObject: { spec: undefined } });
    expect(body.response?.allowed).toBe(false);
  });

  it('an object without a spec is refused with the path of the missing field', async () => {
    const { review } = await open();
    const { body } = await review(aegisAlertOpsRules, { ...aRule(), spec: undefined } as never);
    expect(body.response?.status?.details.causes).toEqual([expect.objectContaining({ field: 'spec' })]);
  });

  it('a refusal lists a limited number of problems and the number of the others', async () => {
    const { review } = await open();
    const alertConditions = Array.from({ length: 60 }, (_, index) => ({
      type: `(${index}`,
      status: 'Firing' as const,
    }));
    const { body } = await review(aegisAlertOpsRules, aRule({ spec: { alertConditions } }));
    expect(body.response?.status?.details.causes).toHaveLength(51);
    expect(body.response?.status?.message).toContain('and 10 more');
  });

  it('a refusal contains no control characters of the object', async () => {
    const { review } = await open();
    const type = `(\u001B[2J\u202E${'x'.repeat(400)}`;
    const { body } = await review(
      aegisAlertOpsRules,
      aRule({ spec: { alertConditions: [{ type, status: 'Firing' }] } }),
    );
    expect(body.response?.status?.message).toContain('[2J');
    expect(body.response?.status?.message).not.toMatch(/[\u001B\u202E]/);
  });
});

describe('a validator that fails', () => {
  it('a validator that throws refuses the object with an internal error, even where the failure policy is Ignore', async () => {
    const { review, lines } = await open({
      may: () => {
        throw new TypeError('x of undefined, token=abc');
      },
    });
    const { code, body } = await review(aegisOpsTemplates, aTemplate());
    expect(code).toBe(200);
    expect(body.response).toMatchObject({ allowed: false, status: { code: 500, reason: 'InternalError' } });
    expect(body.response?.status?.message).not.toContain('undefined');
    expect(lines).toEqual([expect.objectContaining({ level: 'error', msg: 'Could not validate an object' })]);
  });

  it('a validator that exceeds the timeout of the API server refuses the object with a timeout', async () => {
    const { post } = await open({ may: () => new Promise(() => undefined) });
    const { code, body } = await post(
      '/admission/aegisopstemplates?timeout=200ms',
      reviewOf(aegisOpsTemplates, aTemplate()),
    );
    expect(code).toBe(200);
    expect(body.response).toMatchObject({ allowed: false, status: { code: 504, reason: 'Timeout' } });
  });
});

describe('a request that is no review', () => {
  const review = JSON.stringify(reviewOf(aegisAlertOpsRules, aRule()));

  it.each([
    ['no JSON', 'hello', 400],
    ['nothing', '', 400],
    ['half a review', review.slice(0, 200), 400],
    ['no request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', 400],
    ['another version', review.replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1'), 400],
    ['another resource', review.replaceAll('aegisalertopsrules', 'aegisopstemplates'), 400],
    ['no author', review.replace('userInfo', 'userinfo'), 400],
    ['9 MiB', `{"x":"${'x'.repeat(9 * 1024 * 1024)}"}`, 413],
  ])('an invalid review (%s) is answered with a Status instead of a decision', async (_, body, code) => {
    const { post } = await open();
    const answer = await post(path, body);
    expect(answer.code).toBe(code);
    expect(answer.body).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
    expect(answer.body.response).toBeUndefined();
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=utf-8', 200],
  ])('a review of content type %s is answered with %i', async (type, code) => {
    const { send } = await open();
    expect(await send(path, { method: 'POST', headers: { 'content-type': type }, body: review })).toMatchObject({
      code,
    });
  });

  it('a review without content type is accepted', async () => {
    const { send } = await open();
    const body = new Uint8Array(Buffer.from(review));
    expect(await send(path, { method: 'POST', body })).toMatchObject({ code: 200 });
  });

  it('a compressed review is not decompressed beyond the limit', async () => {
    const { send } = await open();
    const body = new Uint8Array(gzipSync(Buffer.alloc(9 * 1024 * 1024)));
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
    expect(await send(path, { method: 'POST', headers, body })).toMatchObject({ code: 413 });
  });

  it('the admission listener answers other paths and methods in JSON', async () => {
    const { send } = await open();
    expect(await send('/admission/pods', { method: 'POST', body: review })).toMatchObject({ code: 404 });
    const get = await send(path, {});
    expect(get).toMatchObject({ code: 405, body: { reason: 'MethodNotAllowed' } });
    expect(get.headers.get('allow')).toBe('POST');
  });

  it('the admission listener aborts a review that does not end in time', async () => {
    const { url, post } = await open();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`POST ${path}?timeout=200ms HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`);
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await post(path, review)).code).toBe(200);
  });

  it('the admission listener answers 503 when too many reviews are under way', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { post } = await open({ may: () => promise });
    const slow = reviewOf(aegisOpsTemplates, aTemplate());
    const waiting = Array.from({ length: 64 }, () => post('/admission/aegisopstemplates', slow));
    let answer = await post(path, review);
    // Sent after them, but they may arrive after it.
    for (; answer.code === 200; answer = await post(path, review));
    expect(answer).toMatchObject({ code: 503, body: { reason: 'ServiceUnavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    resolve(true);
    for (const { code } of await Promise.all(waiting)) expect(code).toBe(200);
    expect((await post(path, review)).code).toBe(200);
  });
});

describe('a large review', () => {
  it('a review with two objects of 3 MiB is accepted', async () => {
    const { review } = await open();
    const annotations = { filler: randomBytes(1024 * 1024 * 1.5).toString('hex') };
    const large = aRule({ metadata: { annotations } });
    const changed = { ...large, spec: { ...large.spec, priority: 7 } };
    const answer = await review(aegisAlertOpsRules, changed, { operation: 'UPDATE', oldObject: large });
    expect(answer.body.response?.allowed).toBe(true);
  });
});

describe('the log of admission', () => {
  it('a refusal is logged in one line with user and name, without content of the object', async () => {
    const { review, lines } = await open();
    await review(aegisAlertOpsRules, broken);
    await review(aegisAlertOpsRules, aRule());
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        msg: 'Object refused',
        resource: 'aegisalertopsrules',
        operation: 'CREATE',
        namespace: 'monitoring',
        name: 'disk',
        user: 'jane',
        problems: 1,
        dryRun: false,
      }),
    ]);
  });

  it('reviews are counted by resource, operation and result', async () => {
    const { review, post, registry } = await open();
    await review(aegisAlertOpsRules, broken);
    await review(aegisAlertOpsRules, aRule());
    await post(path, 'hello');
    const metrics = await registry.metrics();
    for (const labels of [
      'resource="aegisalertopsrules",operation="CREATE",result="refused"',
      'resource="aegisalertopsrules",operation="CREATE",result="allowed"',
      'resource="aegisalertopsrules",operation="",result="unreadable"',
    ]) {
      expect(metrics).toContain(`aegis_admission_reviews_total{${labels}} 1`);
    }
    expect(metrics).toContain('aegis_admission_duration_seconds_count{resource="aegisalertopsrules"} 3');
  });
});

describe('the registration', () => {
  it('the webhooks are registered for new specs of the validated kinds only', async () => {
    const { webhooks } = await open();
    const kinds = [aegisAlertOpsRules, aegisOpsTemplates, aegisRemediationPolicies];
    expect(webhooks.map(({ resources }) => resources)).toEqual(kinds.map(({ plural }) => [plural]));
    for (const { operations, matchConditions } of webhooks) {
      expect(operations).toEqual(['CREATE', 'UPDATE']);
      expect(matchConditions?.map(({ name }) => name)).toEqual(['spec-is-new']);
    }
  });
});
