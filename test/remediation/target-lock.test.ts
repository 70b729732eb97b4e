import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts } from '../../crds/alert.ts';
import { lockName } from '../../crds/names.ts';
import { aegisRemediations, type AegisRemediation, type RemediationTarget } from '../../crds/remediation.ts';
import { workflows, type Workflow } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { leases, toMicroTime, type Lease } from '../../kube/kinds/lease.ts';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { cachedByWorkers } from '../harness/metrics.ts';
import { sendUntilAcknowledged, type SentAlert } from '../harness/senders.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ workers: 3 });
  const rules = ['A', 'B', 'C'].flatMap((letter) => [template(letter), rule(letter)]);
  const approved = [template('asks'), rule('asks', { approvals: 1 })];
  const strong = [template('strong', 'Destructive'), rule('strong')];
  for (const object of [...rules, ...approved, ...strong]) await harness.cluster.kubectl(['apply', '-f', '-'], object);
}, 180_000);

afterAll(async () => {
  await harness.stop();
}, 60_000);

function template(name: string, risk = 'Reversible'): string {
  const start = { name: 'start', container: { image: 'busybox', command: ['sh', '-c', 'echo {{.node}}'] } };
  const manifest = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    spec: { entrypoint: 'start', templates: [start] },
  };
  return JSON.stringify({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisOpsTemplate',
    metadata: { name: name.toLowerCase(), namespace: NAMESPACE },
    spec: { risk, manifest: JSON.stringify(manifest) },
  });
}

function rule(name: string, changes: object = {}): string {
  return JSON.stringify({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name: name.toLowerCase(), namespace: NAMESPACE },
    spec: {
      alertConditions: [{ type: name, status: 'Firing' }],
      opsTemplate: { name: name.toLowerCase(), namespace: NAMESPACE },
      ...changes,
    },
  });
}

/** An alert that the rule of that name matches. */
function alert(type: string, fingerprint: string, object: object): SentAlert {
  const involvedObject = object as SentAlert['involvedObject'];
  return { type, status: 'Firing', involvedObject, details: { node: 'x' }, fingerprint };
}

function send(sent: SentAlert): Promise<number> {
  return sendUntilAcknowledged(harness.ingest, sent);
}

function upon(target: RemediationTarget): (one: AegisRemediation) => boolean {
  return ({ spec }) => spec.target?.name === target.name;
}

async function attempts(holds: (one: AegisRemediation) => boolean): Promise<AegisRemediation[]> {
  const { items } = await harness.client(aegisRemediations).list({ namespace: NAMESPACE });
  return items.filter(holds);
}

function attemptFor(fingerprint: string, holds: (one: AegisRemediation) => boolean = () => true, withinMs = 30_000) {
  const look = async () => {
    const { items } = await harness.client(aegisAlerts).list();
    const found = items.find(({ spec }) => spec.fingerprint === fingerprint);
    return (await attempts((one) => one.spec.alertRef.uid === found?.metadata.uid && holds(one)))[0];
  };
  return eventually(`the attempt for ${fingerprint}`, look, { withinMs });
}

const isBusy = ({ status }: AegisRemediation): boolean => status?.reason === 'ResourceBusy';
const isSubmitted = ({ status }: AegisRemediation): boolean => status?.phase === 'Submitted';

function lockOf(target: string): Promise<Lease | undefined> {
  return harness.client(leases).find({ namespace: NAMESPACE, name: lockName(target) });
}

function isFree(target: string, withinMs = 30_000): Promise<boolean> {
  return eventually(`the lock of ${target} to be free`, async () => (await lockOf(target)) === undefined, { withinMs });
}

async function unfinished(names: ReadonlySet<string>): Promise<Workflow[]> {
  const { items } = await harness.client(workflows).list({ namespace: NAMESPACE });
  return items.filter(({ metadata, status }) => names.has(metadata.name) && status?.phase !== 'Succeeded');
}

/** Writes the phase that Argo's controller would write. */
async function finish({ metadata }: { metadata: AegisRemediation['metadata'] }): Promise<void> {
  await harness.client(workflows).patch(metadata, { status: { phase: 'Succeeded' } });
}

/** Plays Argo until all of them are through; tells how many were unfinished at a time at most. */
async function playThrough(holds: (one: AegisRemediation) => boolean, count: number): Promise<number> {
  let most = 0;
  await eventually(
    'each attempt to have had its turn',
    async () => {
      const all = await attempts(holds);
      const open = await unfinished(new Set(all.map(({ metadata }) => metadata.name)));
      most = Math.max(most, open.length);
      for (const workflow of open) await finish(workflow);
      return all.filter(({ status }) => status?.phase === 'Succeeded').length === count;
    },
    { withinMs: 150_000, everyMs: 50 },
  );
  return most;
}

describe('many alerts of several rules for one node at once', () => {
  it('many alerts of several rules for one node act one after the other, and leave no lock behind', async () => {
    const node = { kind: 'Node', name: 'crowded' };
    const sent = ['A', 'B', 'C'].flatMap((type) =>
      [1, 2, 3].map((index) => alert(type, `crowd-${type}${index}`, node)),
    );
    await Promise.all(sent.map(send));
    const blocked = await eventually('some to wait', async () => {
      const waiting = await attempts((one) => upon(node)(one) && isBusy(one));
      return waiting.length > 0 && waiting;
    });
    expect(blocked[0]?.status?.message).toMatch(/monitoring\/default-\S+ (acts on|holds the lock of) Node crowded/);
    expect(await playThrough(upon(node), sent.length)).toBe(1);
    await isFree('node/crowded');
  }, 180_000);
});

describe('a pod and its node', () => {
  it('a pod and its node are not acted upon at once, in either order', async () => {
    const pod = { kind: 'Pod', namespace: 'web', name: 'shop-0', node: 'housed' };
    const node = { kind: 'Node', name: 'housed' };
    await send(alert('A', 'housed-pod', pod));
    const first = await attemptFor('housed-pod', isSubmitted);
    await send(alert('B', 'housed-node', node));
    await attemptFor('housed-node', isBusy);
    await finish(first);
    const second = await attemptFor('housed-node', isSubmitted);
    await send(alert('C', 'housed-other-pod', { ...pod, name: 'shop-1' }));
    await attemptFor('housed-other-pod', isBusy);
    await finish(second);
    await finish(await attemptFor('housed-other-pod', isSubmitted));
    await isFree('node/housed');
  }, 90_000);
});

describe('nodes of the control plane', () => {
  it('nodes of the control plane are acted upon one at a time', async () => {
    for (const name of ['cp-1', 'cp-2']) {
      const labels = { 'node-role.kubernetes.io/control-plane': '' };
      const object = JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
      await harness.cluster.kubectl(['apply', '-f', '-'], object);
    }
    await cachedByWorkers(harness, 'nodes', 2);
    await send(alert('A', 'control-first', { kind: 'Node', name: 'cp-1' }));
    const first = await attemptFor('control-first', isSubmitted);
    expect((await lockOf('control-plane'))?.spec?.holderIdentity).toContain(first.metadata.uid);
    await send(alert('B', 'control-second', { kind: 'Node', name: 'cp-2' }));
    const second = await attemptFor('control-second', isBusy);
    expect(second.status?.message).toContain(
      'acts on Node cp-1, and only one node of the control plane is acted on at a time',
    );
    await finish(first);
    await finish(await attemptFor('control-second', isSubmitted));
    await isFree('control-plane');
    await isFree('node/cp-2');
  }, 120_000);
});

describe('a stronger action', () => {
  it('a stronger action waits for a running one, and supersedes a waiting one', async () => {
    const node = { kind: 'Node', name: 'ranked' };
    await send(alert('A', 'ranked-acts', node));
    const acting = await attemptFor('ranked-acts', isSubmitted);
    await send(alert('B', 'ranked-waits', node));
    await attemptFor('ranked-waits', isBusy);
    await send(alert('strong', 'ranked-strong', node));
    await attemptFor('ranked-strong', isBusy);
    await finish(acting);
    const strong = await attemptFor('ranked-strong', isSubmitted);
    const weaker = await attemptFor('ranked-waits', ({ status }) => status?.phase === 'Superseded');
    expect(weaker.status).toMatchObject({ reason: 'StrongerAction' });
    await finish(strong);
    await isFree('node/ranked');
  }, 90_000);
});

describe('F12: an attempt that only waits', () => {
  it('F12: an attempt that awaits approval holds no lock, and others run', async () => {
    const node = { kind: 'Node', name: 'asked' };
    await send(alert('asks', 'asked-first', node));
    await attemptFor('asked-first', ({ status }) => status?.phase === 'AwaitingApproval');
    expect(await lockOf('node/asked')).toBeUndefined();
    await send(alert('A', 'asked-second', node));
    await finish(await attemptFor('asked-second', isSubmitted));
    await isFree('node/asked');
  }, 60_000);
});

describe('F11: a lock whose holder is gone', () => {
  it('F11: a lock is released although the workers that took it are killed', async () => {
    const node = { kind: 'Node', name: 'killed' };
    await send(alert('A', 'killed-first', node));
    const first = await attemptFor('killed-first', isSubmitted);
    await send(alert('B', 'killed-second', node));
    for (const index of [0, 1, 2]) harness.cluster.kill(`worker-${index}`, 'SIGKILL');
    await finish(first);
    // Another worker must lead, and take the jobs of the dead for abandoned.
    await finish(await attemptFor('killed-second', isSubmitted, 120_000));
    await isFree('node/killed');
  }, 200_000);

  it('F11: a lock passes on when its attempt is deleted', async () => {
    const node = { kind: 'Node', name: 'removed' };
    await send(alert('A', 'removed-first', node));
    const first = await attemptFor('removed-first', isSubmitted);
    await send(alert('B', 'removed-second', node));
    await attemptFor('removed-second', isBusy);
    await harness.client(aegisRemediations).delete(first.metadata);
    const second = await attemptFor('removed-second', isSubmitted, 90_000);
    expect((await lockOf('node/removed'))?.spec?.holderIdentity).toContain(second.metadata.uid);
    await finish(second);
    await isFree('node/removed');
  }, 150_000);

  it('F11: a lock without a holder is released also when no attempt waits for it', async () => {
    await harness.client(leases).create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: NAMESPACE, name: lockName('node/ghost'), labels: { 'aegis.io/lock': 'target' } },
      spec: { holderIdentity: `${NAMESPACE}/gone/uid`, renewTime: toMicroTime(new Date()) },
    });
    await isFree('node/ghost', 75_000);
  }, 90_000);
});
