import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import { parse } from 'yaml';
import type { KubeObject, ResourceType } from '../../crds/object.ts';

/** An answer of the API server: the object, or a Status with the causes of the refusal. */
export interface Answer {
  status: number;
  body: KubeObject & { message?: string; details?: { causes?: { field: string; message: string }[] } };
}

/** A minimal client, so that the tests judge the answer of the server and no code of Aegis. */
export interface ApiClient {
  /** @param path below the server, with its query */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  close(): Promise<void>;
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

export function openApiClient(kubeconfigPath: string): ApiClient {
  const { clusters, users } = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig;
  const { cluster } = clusters[0]!;
  const { user } = users[0]!;
  const decode = (base64: string): Buffer => Buffer.from(base64, 'base64');
  const dispatcher = new Agent({
    connect: {
      ca: decode(cluster['certificate-authority-data']),
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    },
  });
  return {
    send: async (method, path, body, contentType = 'application/json') => {
      const response = await fetch(cluster.server + path, {
        dispatcher,
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': contentType } }),
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    },
    close: () => dispatcher.close(),
  };
}

/** The path of a collection, or of one object. */
export function pathOf(type: ResourceType, namespace: string | undefined, name?: string): string {
  const scope = type.namespaced ? `/namespaces/${namespace ?? 'default'}` : '';
  return `/apis/${type.group}/${type.version}${scope}/${type.plural}${name === undefined ? '' : `/${name}`}`;
}
