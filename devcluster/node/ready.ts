import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

import type { CertificateFiles } from '../pki.ts';
import { NODE_NAME } from './names.ts';

const POLL_MS = 200;
const TIMEOUT_MS = 120_000;

/** Waits until the control plane calls the node Ready; rejects after two minutes with the last thing that it said. */
export async function waitUntilReady(server: string, client: CertificateFiles & { caFile: string }): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  let last = '';
  while (Date.now() < deadline) {
    const answer = await readNode(server, client).catch(String);
    if (typeof answer !== 'string') {
      const ready = answer.status?.conditions?.find(({ type }) => type === 'Ready');
      if (ready?.status === 'True') return;
      last = ready?.message ?? 'it has no Ready condition yet';
    } else {
      last = answer;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`node ${NODE_NAME} is not Ready after ${TIMEOUT_MS / 1000} s: ${last}`);
}

interface NodeObject {
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

function readNode(server: string, client: CertificateFiles & { caFile: string }): Promise<NodeObject> {
  const [ca, cert, key] = [client.caFile, client.certFile, client.keyFile].map((file) => readFileSync(file));
  return new Promise((resolve, reject) => {
    const request = get(`${server}/api/v1/nodes/${NODE_NAME}`, { ca, cert, key, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(body) as NodeObject);
        else reject(new Error(`the API server answered ${response.statusCode ?? 0}`));
      });
    });
    request.once('error', reject);
  });
}
