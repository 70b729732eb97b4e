import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubeObject, ResourceType } from '../../../crds/object.ts';
import type { RestClient, RestRequest } from '../../../kube/client/rest.ts';
import { createLogger } from '../../../process/logger.ts';
import { createRegistry } from '../../../process/metrics.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { Authorizer, ResourceAttributes } from '../../../kube/authorizer.ts';
import { buildAdmission } from '../../../apiserver/admission/build.ts';
import { aTemplate, noon } from '../../builders/objects.ts';

/** The answer of a webhook, as far as tests look at it. */
export interface Answer {
  code: number;
  headers: Headers;
  body: {
    apiVersion?: string;
    kind?: string;
    message?: string;
    reason?: string;
    response?: {
      uid: string;
      allowed: boolean;
      status?: {
        code: number;
        reason: string;
        message: string;
        details: { causes?: { field?: string; message: string }[] };
      };
      warnings?: string[];
    };
  };
}

export interface AdmissionOptions {
  /** The rights of an author; default all. */
  may?: (attributes: ResourceAttributes, user: string) => boolean | 'unknown' | Promise<boolean | 'unknown'>;
  /** The answer of kube-apiserver to a dry run; default success. */
  onRequest?: (request: RestRequest) => unknown;
  /** Templates that exist; default monitoring/cordon. Undefined: not known. */
  templates?: readonly string[] | undefined;
  ruleScope?: 'Cluster' | 'Namespace';
}

/** An authorizer that returns what a function decides. */
function authorizerOf(may: NonNullable<AdmissionOptions['may']>): Authorizer {
  return {
    authorize: async (user, attributes) => {
      const answer = await may(attributes, user.name);
      if (answer === 'unknown') return { outcome: 'unknown', error: new Error('no answer from the API server') };
      return answer ? { outcome: 'allowed' } : { outcome: 'denied', reason: '' };
    },
  };
}

/** Admission over plain HTTP, without a cluster. */
export async function openAdmission(options: AdmissionOptions = {}) {
  const { may = () => true, onRequest = () => ({}), ruleScope = 'Cluster' } = options;
  const templates = 'templates' in options ? options.templates : ['monitoring/cordon'];
  const lines: Record<string, unknown>[] = [];
  const requests: RestRequest[] = [];
  const registry = createRegistry();
  const rest: Pick<RestClient, 'request'> = {
    request: (request) => {
      requests.push(request);
      return Promise.resolve().then(() => onRequest(request));
    },
  };
  const admission = buildAdmission(
    {
      logger: createLogger('info', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) }),
      registry,
      clock: { ...systemClock(), now: () => noon },
    },
    {
      rest: rest as RestClient,
      authorizer: authorizerOf(may),
      templates: {
        get: (namespace, name) =>
          templates?.includes(`${namespace ?? ''}/${name}`) === true ? aTemplate() : undefined,
        hasSynced: () => templates !== undefined,
      },
      ruleScope,
    },
  );
  const server = createServer(admission.listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    return { code: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
  };
  const post = (path: string, body: unknown): Promise<Answer> =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    ...admission,
    url,
    lines,
    requests,
    registry,
    send,
    post,
    /** Sends a review of an object, by default of its creation. */
    review: (type: ResourceType, object: KubeObject, changes: object = {}): Promise<Answer> =>
      post(`/admission/${type.plural}?timeout=5s`, reviewOf(type, object, changes)),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type OpenAdmission = Awaited<ReturnType<typeof openAdmission>>;

/** A review as kube-apiserver sends it. */
export function reviewOf(type: ResourceType, object: KubeObject, changes: object = {}) {
  const { group, version, plural: resource, kind } = type;
  const { name, namespace } = object.metadata;
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'c8a3c0f5-6d6f-4b0c-9c0e-6a3f4d1b2e70',
      kind: { group, version, kind },
      resource: { group, version, resource },
      requestKind: { group, version, kind },
      requestResource: { group, version, resource },
      name,
      ...(namespace === undefined ? {} : { namespace }),
      operation: 'CREATE',
      userInfo: { username: 'jane', uid: '7', groups: ['sre', 'system:authenticated'], extra: { Scopes: ['a', 'b'] } },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...changes,
    },
  };
}

/** The fields that an answer blames. */
export function fieldsOf({ body }: Answer): string[] {
  return (body.response?.status?.details.causes ?? []).map(({ field = '' }) => field);
}

/** A template whose manifest is the given text. */
export function templateWith(manifest: string, spec: object = {}) {
  return aTemplate({ spec: { manifest, namespace: 'monitoring', ...spec } });
}
