import { describe, expect, it } from '@jest/globals';
import { idleDeps } from '../../../test/aggregated/support/deps.ts';
import { echo, echoTable } from '../../../test/aggregated/support/tables.ts';
import { apiResourceList } from '../../kubeapi/discovery/classic.ts';
import { apiGroupDiscoveryList } from '../../kubeapi/discovery/aggregated.ts';
import { parseRequestInfo } from '../../kubeapi/request-info.ts';
import { apiResources } from '../subresources/resources.ts';
import { createRoutes, type NoRoute, type Route } from './routes.ts';

const root = '/apis/subresources.aegis.io/v1alpha1';

const table = apiResources(idleDeps());
const routes = createRoutes(table);

describe('the table of resources', () => {
  it.each(['a/b', 'a%2Fb', '', '..', 'Trigger', 'a-b'])(
    'the table of resources refuses a subresource named %j',
    (name) => {
      const [resource] = echoTable();
      const wrong = { ...resource!, subresources: [{ name, kind: 'Echo', get: echo([]) }] };
      expect(() => createRoutes([wrong])).toThrow('must be one word');
    },
  );

  it('the table of resources refuses duplicate names', () => {
    const [resource] = echoTable();
    expect(() => createRoutes([resource!, resource!])).toThrow('duplicate resource');
    const [subresource] = resource!.subresources;
    const wrong = { ...resource!, subresources: [subresource!, subresource!] };
    expect(() => createRoutes([wrong])).toThrow('duplicate subresource');
  });
});

describe('the routes of the server', () => {
  const methods = { get: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
  const parentOf = (resource: string, namespaced: boolean): string =>
    `${root}/${namespaced ? 'namespaces/ns/' : ''}${resource}`;
  const served = (method: string, path: string): Route | NoRoute => routes.find(parseRequestInfo(method, path));

  /** The verbs that get to an operation. */
  function verbsServed(path: string): string[] {
    return Object.entries(methods).flatMap(([verb, method]) => ('operation' in served(method, path) ? [verb] : []));
  }

  const discovered = (apiResourceList(table) as { resources: Discovered[] }).resources;

  it.each(discovered)('discovery describes $name as it is served', ({ name, namespaced, verbs, kind }) => {
    const [parent = '', subresource] = name.split('/');
    const path = `${parentOf(parent, namespaced)}/x${subresource === undefined ? '' : `/${subresource}`}`;
    expect(verbsServed(path)).toEqual([...verbs].sort((a, b) => verbOrder.indexOf(a) - verbOrder.indexOf(b)));
    expect(kind).not.toBe('');
    // Elsewhere nothing is served: neither in the other scope nor as a collection.
    const elsewhere = `${parentOf(parent, !namespaced)}/x${subresource === undefined ? '' : `/${subresource}`}`;
    expect(verbsServed(elsewhere)).toEqual([]);
    expect(verbsServed(parentOf(parent, namespaced))).toEqual([]);
    expect(verbsServed(`${parentOf(parent, namespaced)}?watch=true`)).toEqual([]);
  });

  it('the server serves no operation that discovery does not name', () => {
    const names = table.flatMap((resource) => [
      resource.name,
      ...resource.subresources.map((subresource) => `${resource.name}/${subresource.name}`),
    ]);
    expect(discovered.map(({ name }) => name)).toEqual(names);
    const { items } = apiGroupDiscoveryList(table, 'v2') as unknown as { items: Group[] };
    const entries = items.flatMap(({ versions }) => versions.flatMap(({ resources }) => resources));
    expect(
      entries.flatMap(({ resource, verbs, subresources }) => [
        [resource, verbs],
        ...subresources.map((entry) => [`${resource}/${entry.subresource}`, entry.verbs]),
      ]),
    ).toEqual(discovered.map(({ name, verbs }) => [name, verbs]));
  });

  it('the server serves no list, watch or delete, and discovery names none', () => {
    expect(new Set(discovered.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'create']));
    for (const { name, namespaced } of discovered) {
      const path = `${parentOf(name.split('/')[0]!, namespaced)}/x`;
      for (const target of [path, `${path}?watch=true`, path.replace(/\/x$/, '')]) {
        const found = served('GET', target);
        expect('refusal' in found && found.refusal.status.code).toBe(405);
      }
    }
  });
});

const verbOrder = ['get', 'create'];

interface Discovered {
  name: string;
  namespaced: boolean;
  verbs: string[];
  kind: string;
}

interface Group {
  versions: {
    resources: { resource: string; verbs: string[]; subresources: { subresource: string; verbs: string[] }[] }[];
  }[];
}
