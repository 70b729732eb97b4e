import { describe, expect, it } from '@jest/globals';
import { subresourceGroup } from '../../crds/subresources/group.ts';
import { verbsOf } from '../../apiserver/kubeapi/gvk.ts';
import { apiResources } from '../../apiserver/aggregated/subresources/resources.ts';
import { noon } from '../../test/builders/objects.ts';
import { fakeCaches } from '../../test/fakes/caches.ts';
import { fakeRest } from '../../test/fakes/rest-client.ts';
import { peopleRights } from './people.ts';
import type { Rule } from './rules.ts';
import { createCompilers } from '../../remediation/planning/compilers.ts';

/** The real table; nothing of it is called. */
const table = apiResources({
  caches: fakeCaches({}),
  rest: fakeRest(),
  authorizer: { authorize: () => Promise.reject(new Error()) },
  events: { record: () => undefined },
  ruleScope: 'Cluster',
  compilers: createCompilers(),
  now: () => noon,
});

/** Everything that can be asked of the API: `verb resource/subresource`. */
const requests = table.flatMap((resource) =>
  resource.subresources.flatMap((subresource) =>
    verbsOf(subresource).map((verb) => `${verb} ${resource.name}/${subresource.name}`),
  ),
);

/** Which of these a role allows, as RBAC matches them. */
function allowedBy(name: string): string[] {
  const rules = peopleRights.find(({ metadata }) => metadata.name === name)?.['rules'] as readonly Rule[];
  return requests.filter((request) => {
    const [verb = '', path = ''] = request.split(' ');
    const [, subresource = ''] = path.split('/');
    return rules.some(
      ({ apiGroups, resources, verbs }) =>
        apiGroups.includes(subresourceGroup) &&
        verbs.includes(verb) &&
        (resources.includes(path) || resources.includes(`*/${subresource}`)),
    );
  });
}

describe('the roles of people', () => {
  const roles = {
    'aegis-view': ['get aegisalerts/inspect', 'get aegisalerts/trigger', 'get aegisremediations/inspect'],
    'aegis-operate': [
      'create aegisalerts/trigger',
      'create aegisalerts/acknowledge',
      'create aegisalerts/silence',
      'create aegisalerts/resolve',
      'create aegisopstemplates/render',
    ],
    'aegis-approve': [
      'create aegisremediations/approve',
      'create aegisremediations/reject',
      'create aegisremediations/cancel',
      'create aegisremediationpolicies/pause',
      'create aegisremediationpolicies/resume',
    ],
  };

  it.each(Object.entries(roles))('%s allows this and nothing else of the subresources', (name, expected) => {
    expect(allowedBy(name)).toEqual(expected);
  });

  it('leave no request out that the server answers, and give none twice', () => {
    expect(Object.values(roles).flat().sort()).toEqual([...requests].sort());
  });

  it('name every subresource by itself where a word would give more than is there today', () => {
    for (const { metadata, rules } of peopleRights as unknown as { metadata: { name: string }; rules: Rule[] }[]) {
      const words = rules.flatMap(({ resources }) => resources).filter((resource) => resource.includes('*'));
      expect([metadata.name, words.filter((word) => !['*/inspect', '*/diagnose'].includes(word))]).toEqual([
        metadata.name,
        [],
      ]);
    }
  });
});
