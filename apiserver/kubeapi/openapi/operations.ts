import { subresourceGroup, subresourceVersion } from '../../../crds/subresources/group.ts';
import type { ApiResource, Operation, Subresource } from '../api.ts';
import { answerOf, isOurs, kindOf, objectPath, type GroupVersionKind } from '../gvk.ts';
import { referenceTo } from './components.ts';
import { mapValues, type Schema } from './schema.ts';

const tags = ['subresourcesAegisIo_v1alpha1'];
const text = { type: 'string', uniqueItems: true };

const pathParameters = {
  name: { name: 'name', in: 'path', required: true, description: 'Name of the object.', schema: text },
  namespace: { name: 'namespace', in: 'path', required: true, description: 'Namespace of the object.', schema: text },
};

const dryRun = {
  name: 'dryRun',
  in: 'query',
  description: 'With `All` the request is validated and answered, but nothing is written.',
  schema: text,
};

/** Returns the paths of an OpenAPI 3.0 document. */
export function paths(resources: readonly ApiResource[]): Readonly<Record<string, Schema>> {
  const all = resources.flatMap((resource) => [
    [objectPath(resource), parentPath(resource)] as const,
    ...resource.subresources.map(
      (subresource) => [`${objectPath(resource)}/${subresource.name}`, subresourcePath(resource, subresource)] as const,
    ),
  ]);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Never served; `kubectl explain` looks for the kind of a resource in the operations of its path. */
function parentPath(resource: ApiResource): Schema {
  return {
    get: {
      tags,
      description: `Not supported: ${resource.kind} belongs to another group; this group serves its subresources.`,
      operationId: operationId('read', resource),
      responses: { 405: { description: 'Method Not Allowed' } },
      ...kubernetes('get', kindOf(resource.kind)),
    },
    parameters: parametersOf(resource),
  };
}

function subresourcePath(resource: ApiResource, subresource: Subresource): Schema {
  const { get, create } = subresource;
  return {
    ...(get === undefined ? {} : { get: getOperation(resource, subresource, get) }),
    ...(create === undefined ? {} : { post: createOperation(resource, subresource, create) }),
    parameters: parametersOf(resource),
  };
}

function getOperation(resource: ApiResource, subresource: Subresource, operation: Operation): Schema {
  return {
    tags,
    description: operation.summary,
    operationId: operationId('read', resource, subresource),
    ...queryParameters(operation, []),
    responses: responses(operation, { 200: 'OK' }),
    ...kubernetes('get', ownKind(resource, operation)),
  };
}

function createOperation(resource: ApiResource, subresource: Subresource, operation: Operation): Schema {
  const { request, requestKind } = operation;
  const body = requestKind === undefined ? { type: 'object' } : referenceTo(requestKind);
  return {
    tags,
    description: operation.summary,
    operationId: operationId('create', resource, subresource),
    ...queryParameters(operation, [dryRun]),
    ...(request === undefined ? {} : { requestBody: { content: json(body) } }),
    responses: responses(operation, { 200: 'OK', 201: 'Created' }),
    ...kubernetes('post', ownKind(resource, operation)),
  };
}

/**
 * Never a kind of another group: a client that looks up the operations of an AegisRemediation must find those of the
 * custom resource.
 */
function ownKind({ kind }: ApiResource, operation: Operation): GroupVersionKind {
  const answer = answerOf(operation);
  return isOurs(answer) ? answer : kindOf(operation.requestKind ?? kind);
}

function kubernetes(action: string, kind: GroupVersionKind): Schema {
  return { 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': kind };
}

function parametersOf({ namespaced }: ApiResource): readonly Schema[] {
  return namespaced ? [pathParameters.name, pathParameters.namespace] : [pathParameters.name];
}

function queryParameters({ parameters = {} }: Operation, first: readonly Schema[]): Schema {
  const own = Object.entries(parameters).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: text,
  }));
  const all = [...first, ...own];
  return all.length === 0 ? {} : { parameters: all };
}

function responses(operation: Operation, codes: Readonly<Record<string, string>>): Schema {
  const answer = answerOf(operation);
  const schema = isOurs(answer) ? referenceTo(answer.kind) : elsewhere(answer);
  return {
    ...mapValues(codes, (description) => ({ description, content: json(schema) })),
    401: { description: 'Unauthorized' },
  };
}

/** The schema of a kind of another group, which describes it; a component of that kind here would be a duplicate. */
function elsewhere({ group: other, version: otherVersion, kind }: GroupVersionKind): Schema {
  const of = other === '' ? otherVersion : `${other}/${otherVersion}`;
  return { type: 'object', description: `${kind} of ${of}.`, 'x-kubernetes-preserve-unknown-fields': true };
}

function json(schema: Schema): Schema {
  return { 'application/json': { schema } };
}

/** Returns an ID that is unique in the cluster, since kube-apiserver merges the documents of all servers. */
function operationId(verb: string, { kind, namespaced }: ApiResource, subresource?: Subresource): string {
  const scope = namespaced ? 'Namespaced' : '';
  return [
    verb,
    ...subresourceGroup.split('.').map(capital),
    capital(subresourceVersion),
    scope,
    kind,
    capital(subresource?.name ?? ''),
  ].join('');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
