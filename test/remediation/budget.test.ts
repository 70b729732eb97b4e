import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { aegisRemediations, isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import {
  aegisRemediationPolicies,
  type AegisRemediationPolicy,
  type RemediationPolicySpec,
} from '../../crds/remediation-policy.ts';
import { nodes, type Node } from '../../kube/kinds/node.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { playArgo, type ArgoPlayer } from '../harness/argo-player.ts';
import { balance } from '../harness/bookkeeping.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert, sendUntilAcknowledged } from '../harness/senders.ts';

/** More take minutes: each Workflow that ends lets one other begin. */
const count = Number(process.env['AEGIS_TEST_FIRINGS'] ?? 100);

let harness: Harness;
let argo: ArgoPlayer;

beforeAll(async () => {
  harness = await startHarness({ workers: 3 });
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
}, 180_000);

afterEach(
  async () => {
    // A running attempt would count in the budget of the next test too.
    await harness.cluster.kubectl(['delete', 'aegisremediationpolicy', '--all']);
    argo.play();
    await eventually('everything to be over', async () =>
      (await attempts()).every(({ status }) => isTerminal(status?.phase)),
    );
    await argo.stop();
    await harness.cluster.kubectl(['delete', 'aegisalert,node', '--all', '-A', '--wait=true']);
  },
  120_000 + 300 * count,
);

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

/** As the kubelet would say it. */
async function setReady(name: string, status: 'True' | 'False'): Promise<void> {
  const conditions = [{ type: 'Ready', status, reason: 'Test', lastHeartbeatTime: new Date().toISOString() }];
  await harness.client(nodes).patch({ name }, { status: { conditions } }, { subresource: 'status' });
}

function blockedBy(policy: string, all: readonly AegisRemediation[]): AegisRemediation[] {
  return all.filter(({ status }) => status?.message?.startsWith(`policy ${policy}: `) === true);
}

describe('a budget with three workers', () => {
  it(
    'F9, F19, F21: a budget with three workers runs five of many simultaneous firings at a time, and all of them in the end',
    async () => {
      const firings = Array.from({ length: count }, (_, index) => `f${index}`);
      await create('everything', { budget: { maxParallel: 5 } });
      argo = playArgo(harness, 20);
      await fire(firings);
      await eventually(
        'all others to wait',
        async () => blockedBy('everything', await attempts()).length === count - 5,
        {
          withinMs: 120_000 + 300 * count,
          everyMs: 1_000,
        },
      );
      expect(argo.unfinished.size).toBe(5);
      const full = await policyWhere('everything', ({ status }) => status?.budget?.running === 5);
      expect(full.status?.reservations).toHaveLength(5);
      argo.play();
      await eventually('a Workflow for every alert', () => argo.seen.size === count && argo.unfinished.size === 0, {
        withinMs: 240_000 + 1_000 * count,
        everyMs: 500,
      });
      expect(argo.peak()).toBe(5);
      expect(await balance(harness, firings)).toEqual({ alerts: count, lost: [], open: [], doubled: [] });
      const { status } = await policyWhere('everything', (policy) => policy.status?.reservations?.length === 0);
      expect(status?.budget).toMatchObject({ running: 0 });
    },
    420_000 + 1_500 * count,
  );

  it('a budget counts unhealthy nodes, nodes that users cordoned, and nodes with a running attempt', async () => {
    await addNodes(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((name) => `node-${name}`));
    await setReady('node-a', 'False');
    await harness.cluster.kubectl(['cordon', 'node-b']);
    const selector = { targetKinds: ['Node'], targetSelector: { matchLabels: { pool: 'gpu' } } };
    await create('gpu', { selector, budget: { maxUnhealthy: '20%' } });
    const before = await policyWhere('gpu', ({ status }) => status?.budget?.unhealthy === 2);
    expect(before.status).toMatchObject({ paused: false, budget: { selected: 11, allowed: 3, running: 0 } });
    argo = playArgo(harness, 20);

    await fire(['a', 'c', 'd']);
    const waiting = await eventually('one to wait', async () => {
      const all = await attempts();
      return argo.seen.size === 2 && blockedBy('gpu', all)[0];
    });
    expect(waiting.status?.reason).toBe('BudgetExceeded');
    expect(waiting.status?.message).toMatch(
      /^policy gpu: 3 of 3 allowed unhealthy or at work \(unhealthy: node\/node-a, node\/node-b\)$/,
    );
    await harness.cluster.kubectl(['uncordon', 'node-b']);
    await eventually('what waited to run', () => argo.seen.size === 3, { withinMs: 60_000 });
    expect(argo.unfinished.size).toBe(3);
    const table = await harness.cluster.kubectl(['get', 'aegisremediationpolicy', 'gpu']);
    expect(table).toMatch(/MAX UNHEALTHY +UNHEALTHY +RUNNING +PAUSED/);
    expect(table).toMatch(/gpu +20% +1 +3 +false/);
  }, 120_000);

  it('a budget releases a reservation without a holder, and shows a pause', async () => {
    await create('everything', { budget: { maxParallel: 1 } });
    const time = new Date(Date.now() - 3_600_000).toISOString();
    const reservations = [{ remediation: 'monitoring/gone', uid: 'gone', time }];
    const client = harness.client(aegisRemediationPolicies);
    await client.patch({ name: 'everything' }, { status: { reservations } }, { subresource: 'status' });
    argo = playArgo(harness, 20);
    await fire(['left']);
    await eventually('it to run all the same', () => argo.seen.size === 1);
    await client.patch({ name: 'everything' }, { spec: { pause: [{ reason: 'upgrade' }] } });
    await policyWhere('everything', ({ status }) => status?.paused === true);
  }, 120_000);
});
