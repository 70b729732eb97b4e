import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { blobPath, type Blob, type Image } from './images.ts';
import { listen } from './listen.ts';

/** A running registry. */
export interface Registry {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves images over the read-only part of the OCI distribution protocol, as a mirror of whatever registries their
 * names belong to: a mirror gets the real one in the query parameter `ns`. Everything else is 404, whereupon
 * containerd asks the real registry.
 * @param dir the folder of the images' blobs
 */
export async function startRegistry(host: string, dir: string, images: readonly Image[]): Promise<Registry> {
  const manifests = new Map<string, Blob>();
  for (const { name, manifest } of images) {
    manifests.set(name, manifest);
    manifests.set(`${name.slice(0, name.lastIndexOf(':'))}@${manifest.digest}`, manifest);
  }
  const server = createServer((request, response) => {
    answer(request, response, dir, manifests);
  });
  const port = await listen(server, host);
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  dir: string,
  manifests: ReadonlyMap<string, Blob>,
): void {
  const url = new URL(request.url ?? '/', 'http://registry');
  const found = request.method === 'GET' || request.method === 'HEAD' ? find(url, dir, manifests) : undefined;
  if (found === undefined) {
    response.writeHead(url.pathname === '/v2/' ? 200 : 404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': found.mediaType,
    'content-length': found.size,
    'docker-content-digest': found.digest,
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(blobPath(dir, found.digest)).pipe(response);
}

function find(url: URL, dir: string, manifests: ReadonlyMap<string, Blob>): Blob | undefined {
  const match = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname);
  const [, repository = '', kind, reference = ''] = match ?? [];
  if (kind === 'manifests') {
    const separator = reference.startsWith('sha256:') ? '@' : ':';
    return manifests.get(`${url.searchParams.get('ns') ?? ''}/${repository}${separator}${reference}`);
  }
  if (kind !== 'blobs' || !/^sha256:[0-9a-f]{64}$/.test(reference)) return undefined;
  const path = blobPath(dir, reference);
  if (!existsSync(path)) return undefined;
  return { mediaType: 'application/octet-stream', digest: reference, size: statSync(path).size };
}
