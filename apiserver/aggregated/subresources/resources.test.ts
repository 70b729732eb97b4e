import { describe, expect, it } from '@jest/globals';
import { idleDeps } from '../../../test/aggregated/support/deps.ts';
import { expectGolden } from '../../../test/aggregated/support/golden.ts';
import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import { createDocuments } from '../server/create-documents.ts';
import { apiResources } from './resources.ts';

const resources = apiResources(idleDeps());
const documents = createDocuments(resources);
const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function read(path: string, accept?: string): unknown {
  return JSON.parse(String(documents(path, { accept })?.body));
}

/** The interface for other programs: a change here is a change of the API, to be seen in the diff. */
describe('the group subresources.aegis.io', () => {
  it.each([
    ['discovery-v2.json', '/apis', v2],
    ['api-resource-list.json', `/apis/${subresourceGroup}/${subresourceVersion}`, undefined],
    ['openapi-v3.json', `/openapi/v3/apis/${subresourceGroup}/${subresourceVersion}`, undefined],
  ])('the served group is described as in %s', async (file, path, accept) => {
    await expectGolden(`served/${file}`, `${JSON.stringify(read(path, accept), null, 2)}\n`);
  });

  it('the served group is the same in both versions of OpenAPI', () => {
    const v3 = read(`/openapi/v3/apis/${subresourceGroup}/${subresourceVersion}`) as {
      paths: object;
      components: { schemas: object };
    };
    const swagger = read('/openapi/v2') as { paths: object; definitions: object };
    expect(Object.keys(swagger.paths)).toEqual(expect.arrayContaining(Object.keys(v3.paths)));
    expect(Object.keys(swagger.definitions)).toEqual(expect.arrayContaining(Object.keys(v3.components.schemas)));
  });

  it('the served group has only subresources of one segment', () => {
    for (const { name, subresources } of resources) {
      expect(name).toMatch(/^aegis[a-z]+$/);
      expect(subresources.map((subresource) => subresource.name).join()).toMatch(/^[a-z]+(,[a-z]+)*$/);
      for (const { get, create } of subresources) expect(get ?? create).toBeDefined();
    }
  });
});
