import { describe, expect, it } from '@jest/globals';
import { subresourceGroup } from '../../crds/subresources/group.ts';
import { verbsOf } from '../../apiserver/kubeapi/gvk.ts';
import { apiResources } from '../../apiserver/aggregated/subresources/resources.ts';
import { idleDeps } from '../../test/aggregated/support/deps.ts';
import { userRights } from './users.ts';
import type { Rule } from './rules.ts';

/** The real table; nothing of it is called. */
const table = apiResources(idleDeps());

/** All requests of the API: `verb resource/subresource`. */
const requests = table.flatMap((resource) =>
  resource.subresources.flatMap((subresource) =>
    verbsOf(subresource).map((verb) => `${verb} ${resource.name}/${subresource.name}`),
  ),
);

/** Returns the requests that a role allows, as RBAC matches them. */
function allowedBy(name: string): string[] {
  const rules = userRights.find(({ metadata }) => metadata.name === name)?.['rules'] as readonly Rule[];
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

describe('the roles of users', () => {
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

  it.each(Object.entries(roles))('the role %s allows exactly these requests of subresources', (name, expected) => {
    expect(allowedBy(name)).toEqual(expected);
  });

  it('every request that the server answers is allowed by exactly one role of users', () => {
    expect(Object.values(roles).flat().sort()).toEqual([...requests].sort());
  });

  it('roles of users name each subresource where a wildcard would allow more', () => {
    for (const { metadata, rules } of userRights as unknown as { metadata: { name: string }; rules: Rule[] }[]) {
      const wildcards = rules.flatMap(({ resources }) => resources).filter((resource) => resource.includes('*'));
      expect([metadata.name, wildcards.filter((one) => !['*/inspect', '*/diagnose'].includes(one))]).toEqual([
        metadata.name,
        [],
      ]);
    }
  });
});
