import { createCompilers } from '../../../remediation/planning/compilers.ts';
import { describe, expect, it } from '@jest/globals';
import type { AegisAlertInspection } from '../../../crds/subresources/alert-inspection.ts';
import type { KubeObject } from '../../../crds/object.ts';
import { send } from '../../../test/aggregated/support/calls.ts';
import { anAlert, aRemediation, aRule, aTemplate, noon } from '../../../test/builders/objects.ts';
import { fakeCaches } from '../../../test/fakes/caches.ts';
import { alertInspect } from './alert-inspect.ts';
import { createReadContext } from './read-context.ts';

const other = aRule({ metadata: { name: 'outranked' }, spec: { priority: -1 } });
if (other.spec.opsTemplate !== undefined) other.spec.opsTemplate = { ...other.spec.opsTemplate, name: 'secret' };

/** Inspects an alert that gives the templates of two rules nothing to fill in, as a user who may not see `hidden`. */
async function inspect(hidden: readonly string[], remediations: readonly KubeObject[] = []) {
  const context = createReadContext({
    caches: fakeCaches({
      alerts: [anAlert({ spec: { details: {}, involvedObject: {} } })],
      rules: [aRule(), other],
      templates: [aTemplate(), aTemplate({ metadata: { name: 'secret' } })],
      remediations,
    }),
    rest: undefined as never,
    authorizer: {
      authorize: (_, { resource, name }) =>
        Promise.resolve(
          resource === 'aegisopstemplates' && hidden.includes(name)
            ? { outcome: 'denied', reason: `no ${name} for you` }
            : { outcome: 'allowed' },
        ),
    },
    events: { record: () => undefined },
    ruleScope: 'Cluster',
    compilers: createCompilers(),
    now: () => noon,
  });
  const { get } = alertInspect(context);
  const { object } = await send(get, {});
  const { rules, preview } = object as AegisAlertInspection;
  const reasons = rules.map(({ template }) => template?.problems?.map(({ reason }) => reason).join());
  return { reasons, preview, text: JSON.stringify({ rules, preview }) };
}

describe('the problems of templates in an inspection', () => {
  it('problems of templates are shown to a user who may get the templates', async () => {
    const { reasons, preview } = await inspect([]);
    expect(reasons).toEqual(['UnknownVariable', 'UnknownVariable']);
    expect(preview.problems).toHaveLength(1);
  });

  it.each([[[]], [[aRemediation()]]])(
    'problems of templates are withheld from a user who may not get them, whether or not an attempt is open',
    async (open: readonly KubeObject[]) => {
      const { reasons, preview, text } = await inspect(['cordon', 'secret'], open);
      expect(reasons).toEqual(['Withheld', 'Withheld']);
      expect(preview.problems).toBeUndefined();
      expect(text).not.toContain('{{');
    },
  );

  it('problems are withheld for each template separately', async () => {
    expect((await inspect(['secret'])).reasons).toEqual(['UnknownVariable', 'Withheld']);
    expect((await inspect(['cordon'])).reasons).toEqual(['Withheld', 'UnknownVariable']);
  });
});
