import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aRule, aTemplate } from '../../test/builders/objects.ts';
import { openAdmission, reviewOf, type OpenAdmission } from '../../test/admission/fakes/admission.ts';
import { aegisAlertOpsRules } from '../../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../../crds/ops-template.ts';
import { aegisRemediationPolicies } from '../../crds/remediation-policy.ts';

let admission: OpenAdmission;

beforeAll(async () => {
  admission = await openAdmission({ may: () => false });
});

afterAll(async () => {
  await admission.close();
});

const policy = {
  apiVersion: 'aegis.io/v1alpha1',
  kind: 'AegisRemediationPolicy',
  metadata: { name: 'p' },
  // No time zone of this name: nothing that can be read of it is ever admitted.
  spec: { maintenanceWindows: [{ start: '01:00', end: '02:00', timeZone: 'No/Where', mode: 'OnlyDuring' }] },
};
const rule = aRule({ spec: { alertConditions: [{ type: '(', status: 'Firing' }] } });
const reviews = [
  { type: aegisAlertOpsRules, review: reviewOf(aegisAlertOpsRules, rule) },
  { type: aegisOpsTemplates, review: reviewOf(aegisOpsTemplates, aTemplate()) },
  { type: aegisRemediationPolicies, review: reviewOf(aegisRemediationPolicies, policy) },
];

/** Every path in a value, as lists of keys. */
function pathsOf(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]))];
}

/** JSON with what is at a path replaced by other JSON; undefined takes it away. */
function replaced(value: unknown, [key, ...rest]: string[], text: string | undefined): string | undefined {
  if (key === undefined) return text;
  const entries = Object.entries(value as object).flatMap(([name, item]) => {
    const json = name === key ? replaced(item, rest, text) : JSON.stringify(item);
    return json === undefined ? [] : [[name, json] as const];
  });
  if (Array.isArray(value)) return `[${entries.map(([, json]) => json).join()}]`;
  return `{${entries.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join()}}`;
}

const hostile = fc.oneof(
  fc.constant(undefined),
  fc.json(),
  fc.constantFrom(
    'null',
    '[]',
    '{}',
    '1e400',
    '-0',
    '9007199254740993',
    '""',
    '"\\u0000\\ud800"',
    '{"__proto__":{"allowed":true,"spec":{}}}',
    '{"constructor":{"prototype":{"allowed":true}}}',
    '{"toString":1,"valueOf":null,"hasOwnProperty":[]}',
    '{"length":9007199254740991}',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
    `"${'x'.repeat(300_000)}"`,
    `[${'{},'.repeat(20_000)}{}]`,
  ),
);

describe('a hostile review', () => {
  it('a hostile review is refused or unreadable, and no object is admitted without validation', async () => {
    const broken = fc.constantFrom(...reviews).chain(({ type, review }) =>
      fc.record({
        type: fc.constant(type),
        path: fc.constantFrom(...pathsOf(review)),
        text: hostile,
        review: fc.constant(review),
      }),
    );
    await fc.assert(
      fc.asyncProperty(broken, async ({ type, path, text, review }) => {
        const answer = await admission.post(`/admission/${type.plural}`, replaced(review, path, text) ?? '');
        expect([200, 400]).toContain(answer.code);
        if (answer.code === 400) return;
        const { response } = answer.body;
        expect(answer.body).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
        // The author may do nothing and every object is bad: only what brings no new spec may pass.
        const fate = path.join('.');
        const repaired = /^request\.(operation|subResource|object)/.test(fate);
        if (!repaired) expect({ fate, text, allowed: response?.allowed }).toMatchObject({ allowed: false });
        else if (response?.allowed !== true) expect(response?.status?.code).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 400 },
    );
    expect(({} as { allowed?: unknown }).allowed).toBeUndefined();
  }, 120_000);

  it('a review that is any other JSON or text is unreadable', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        expect((await admission.post('/admission/aegisopstemplates', text)).code).toBe(400);
      }),
    );
  });

  it('a deeply nested spec never counts as unchanged', async () => {
    const deep = `{"spec":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`;
    const { review } = reviews[0] ?? { review: {} };
    const text = JSON.stringify({
      ...review,
      request: { ...(review as (typeof reviews)[0]['review']).request, operation: 'UPDATE', object: 0, oldObject: 0 },
    })
      .replace('"object":0', `"object":${deep}`)
      .replace('"oldObject":0', `"oldObject":${deep}`);
    const { code, body } = await admission.post('/admission/aegisalertopsrules', text);
    expect({ code, allowed: body.response?.allowed }).toEqual({ code: 200, allowed: false });
  });
});
