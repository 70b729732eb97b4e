import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import {
  aegisRemediationPolicies,
  type AegisRemediationPolicy,
  type RemediationPolicySpec,
} from '../../crds/remediation-policy.ts';
import { nodes, type Node } from '../../kube/node.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { playArgo, type ArgoPlayer } from '../harness/argo-player.ts';
import { balance } from '../harness/bookkeeping.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert, sendUntilAcknowledged } from '../harness/senders.ts';

let harness: Harness;
let argo: ArgoPlayer;

beforeAll(async () => {
  harness = await startHarness({ workers: 3 });
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
}, 180_000);

afterEach(async () => {
  await argo.stop();
  await harness.cluster.kubectl(['delete', 'aegisalert,aegisremediationpolicy,node', '--all', '-A', '--wait=true']);
}, 120_000);

afterAll(async () => {
  await harness.stop();
}, 60_000);

function create(name: string, spec: Partial<RemediationPolicySpec>): Promise<AegisRemediationPolicy> {
  return harness.client(aegisRemediationPolicies).create({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisRemediationPolicy',
    metadata: { name },
    spec: { onResolve: 'LetFinish', ...spec },
  });
}

function policyWhere(
  name: string,
  holds: (policy: AegisRemediationPolicy) => boolean,
): Promise<AegisRemediationPolicy> {
  return eventually(`the policy ${name}`, async () => {
    const policy = await harness.client(aegisRemediationPolicies).get({ name });
    return holds(policy) && policy;
  });
}

async function fire(fingerprints: readonly string[]): Promise<void> {
  const left = [...fingerprints];
  const sender = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      await sendUntilAcknowledged(harness.ingest, nodeAlert(next));
    }
  };
  await Promise.all(Array.from({ length: 20 }, sender));
}

async function attempts(): Promise<AegisRemediation[]> {
  return (await harness.client(aegisRemediations).list()).items;
}

async function addNodes(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { pool: 'gpu' } }, spec: {} };
    await harness.client(nodes).create(node);
    await setReady(name, 'True');
  }
}

async function setReady(name: string, status: 'True' | 'False'): Promise<void> {
  const conditions = [{ type: 'Ready', status, reason: 'Test', lastHeartbeatTime: new Date().toISOString() }];
  await harness.client(nodes).patch({ name }, { status: { conditions } }, { subresource: 'status' });
}

describe('a budget with three workers', () => {
  it('F19, F21: lets five of a thousand simultaneous firings run at once, and all of them in the end', async () => {
    const firings = Array.from({ length: 1_000 }, (_, index) => `f${index}`);
    await create('everything', { budget: { maxParallel: 5 } });
    argo = await playArgo(harness, 20);
    argo.play();
    await fire(firings);
    await eventually(
      'a Workflow for every alert',
      () => argo.seen.size === firings.length && argo.unfinished.size === 0,
      {
        withinMs: 200_000,
        everyMs: 500,
      },
    );
    expect(argo.peak()).toBe(5);
    const books = await balance(harness, firings);
    expect(books).toEqual({ alerts: firings.length, lost: [], open: [], doubled: [] });
    const { status } = await policyWhere('everything', (policy) => policy.status?.reservations?.length === 0);
    expect(status?.budget).toMatchObject({ running: 0 });
  }, 300_000);
});
