import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../harness/eventually.ts';
import { nodeObject, podObject, startOpsFixture, type OpsFixture } from './fixture.ts';

let fixture: OpsFixture;
/** Metadata of a pod that has a controller, so that it may be evicted. */
let owned: object;
let nodes = 0;

beforeAll(async () => {
  fixture = await startOpsFixture();
  await fixture.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner', namespace: 'default' } });
  const uid = await fixture.cluster.kubectl([
    '-n',
    'default',
    'get',
    'configmap',
    'owner',
    '-o',
    'jsonpath={.metadata.uid}',
  ]);
  owned = { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, controller: true }] };
  await eventually('the ServiceAccount of pods', () =>
    fixture.cluster.kubectl(['-n', 'default', 'get', 'serviceaccount', 'default']),
  );
}, 180_000);

afterAll(async () => {
  await fixture.stop();
});

/** A node of the test's own. */
async function newNode({ cordoned = false } = {}): Promise<string> {
  const node = `node-${(nodes += 1)}`;
  await fixture.create(nodeObject(node));
  if (cordoned) await fixture.cluster.kubectl(['cordon', node]);
  return node;
}

function drain(node: string, timeout: number, settings: readonly string[] = [], around?: string) {
  const args = ['drain', `--node=${node}`, '--owner=monitoring/attempt', `--timeout=${timeout}`, ...settings];
  return fixture.run('drain', args, around);
}

async function podsOn(node: string): Promise<string> {
  const on = `--field-selector=spec.nodeName=${node}`;
  return fixture.cluster.kubectl(['-n', 'default', 'get', 'pods', on, '-o', 'jsonpath={.items[*].metadata.name}']);
}

/** Sets the phase of the pod, as a kubelet would. */
async function setPhase(name: string, phase: 'Running' | 'Succeeded'): Promise<void> {
  const ready = phase === 'Running' ? 'True' : 'False';
  const status = { phase, conditions: [{ type: 'Ready', status: ready }] };
  const patch = ['patch', 'pod', name, '--subresource=status', '-p', JSON.stringify({ status })];
  await fixture.cluster.kubectl(['-n', 'default', ...patch]);
}

describe('F5: a drain that fails leaves the node as it was', () => {
  it.each([false, true])(
    'F5: a drain killed at any request leaves the node as it was, when it was cordoned before: %s',
    async (cordoned) => {
      // Reading the node, cordoning it, listing its pods, the first eviction.
      for (const request of [1, 2, 3, 4]) {
        const node = await newNode({ cordoned });
        await fixture.create(podObject(`kept-${node}`, node, owned));
        const { code } = await drain(node, 2, [], killedAfter(request)).ended;
        expect(code).toBeNull();
        const restore = ['restore', `--node=${node}`, '--owner=monitoring/attempt'];
        expect((await fixture.run('drain', restore).ended).code).toBe(0);
        expect([request, await fixture.isCordoned(node)]).toEqual([request, cordoned]);
      }
    },
    180_000,
  );

  it('F5: a drain that is stopped from outside leaves the node as it was', async () => {
    const node = await newNode();
    await fixture.create(podObject(`held-${node}`, node, { ...owned, finalizers: ['example.com/held'] }));
    const { pid, ended } = drain(node, 60);
    await eventually('the node to be cordoned', () => fixture.isCordoned(node));
    process.kill(pid, 'SIGTERM');
    expect(await ended).toMatchObject({ code: 143 });
    expect(await fixture.isCordoned(node)).toBe(false);
  });

  it('F5: a failed drain does not lift the cordon of another attempt', async () => {
    const node = await newNode();
    await fixture.run('cordon', ['cordon', `--node=${node}`, '--owner=monitoring/other']).ended;
    await fixture.create(podObject(`naked-${node}`, node));
    expect(await drain(node, 5).ended).toMatchObject({ code: 3 });
    expect(await fixture.isCordoned(node)).toBe(true);
  });
});

describe('F22: errors of a drain', () => {
  const listFails = `case "$*" in *'get pods'*) echo 'Error from server (InternalError): etcd is away' >&2; exit 1 ;; esac
exec "$KUBECTL" "$@"`;

  it.each([false, true])(
    'F22: a list error in a drain leaves a node as it was, when it was cordoned before: %s',
    async (cordoned) => {
      const node = await newNode({ cordoned });
      const { code, output } = await drain(node, 2, [], listFails).ended;
      expect(output).toContain('etcd is away');
      expect(code).toBe(4);
      expect(await fixture.isCordoned(node)).toBe(cordoned);
    },
  );

  it('F22: a drain that may not evict every pod evicts none, and names the pods in the way', async () => {
    const node = await newNode();
    await fixture.create(
      podObject(`fit-${node}`, node, owned),
      podObject(`naked-${node}`, node),
      podObject(`data-${node}`, node, owned, { volumes: [{ name: 'data', emptyDir: {} }] }),
    );
    const { code, output } = await drain(node, 20).ended;
    expect(code).toBe(3);
    expect(output).toContain(`default/naked-${node}: nothing would start it again (no controller)`);
    expect(output).toContain(`default/data-${node}: it would lose the data in its emptyDir`);
    expect(await podsOn(node)).toBe(`data-${node} fit-${node} naked-${node}`);
    expect(await fixture.isCordoned(node)).toBe(false);
    expect(await drain(node, 20, ['--unmanaged=true', '--empty-dir=true']).ended).toMatchObject({ code: 0 });
    expect(await podsOn(node)).toBe('');
  });

  it('F22: a drain does not touch a new pod with the name of an old one', async () => {
    const node = await newNode();
    const elsewhere = await newNode();
    await fixture.create(podObject('web-0', node, owned));
    const replaced = JSON.stringify(podObject('web-0', elsewhere, owned));
    const replaces = `case "$*" in *web-0/eviction*)
  KUBECONFIG=$ADMIN "$KUBECTL" -n default delete pod web-0 >/dev/null
  printf '%s' '${replaced}' | KUBECONFIG=$ADMIN "$KUBECTL" create -f - >/dev/null ;;
esac
exec "$KUBECTL" "$@"`;
    expect(await drain(node, 20, [], replaces).ended).toMatchObject({ code: 0 });
    expect(await podsOn(elsewhere)).toBe('web-0');
  });
});

describe('F23: a drain ends', () => {
  it('F23: a drain with a pod that never ends ends at its timeout', async () => {
    const node = await newNode();
    await fixture.create(podObject(`held-${node}`, node, { ...owned, finalizers: ['example.com/held'] }));
    const { code, output } = await drain(node, 3).ended;
    expect(code).toBe(4);
    expect(output).toContain(`default/held-${node}: it has been asked to end and has not yet`);
    expect(await fixture.isCordoned(node)).toBe(false);
  });
});

describe('the settings of a drain', () => {
  it('a drain does not evict faster than its rate', async () => {
    const node = await newNode();
    await fixture.create(...Array.from({ length: 9 }, (_, index) => podObject(`many-${index}`, node, owned)));
    const started = performance.now();
    expect(await drain(node, 60, ['--rate=2']).ended).toMatchObject({ code: 0 });
    // Nine requests, half a second from one to the next.
    expect(performance.now() - started).toBeGreaterThan(4_000);
  });

  it('a drain with AllowCompletion evicts no pod and waits for it to finish', async () => {
    const node = await newNode();
    await fixture.create(podObject('job', node));
    await setPhase('job', 'Running');
    const { ended } = drain(node, 60, ['--mode=AllowCompletion']);
    await eventually('the node to be cordoned', () => fixture.isCordoned(node));
    await setPhase('job', 'Succeeded');
    const { code, output } = await ended;
    expect(output).not.toContain('evicted');
    expect(code).toBe(0);
    expect(await podsOn(node)).toBe('job');
  });

  it('a drain with DeleteAfterTimeout deletes in the end what may not be evicted', async () => {
    const node = await newNode();
    const labels = { app: 'guarded' };
    await fixture.create(podObject('guarded', node, { ...owned, labels }), {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guarded', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    });
    await setPhase('guarded', 'Running');
    const args = ['drain', `--node=${node}`, '--owner=monitoring/attempt', '--timeout=3', '--mode=DeleteAfterTimeout'];
    const { code, output } = await fixture.run('drain-then-delete', args).ended;
    expect(output).toContain("Cannot evict pod as it would violate the pod's disruption budget");
    expect(output).toContain('deleted default/guarded');
    expect(code).toBe(0);
    expect(await fixture.isCordoned(node)).toBe(true);
  });
});

/** A kubectl that takes everything with it after one of its requests. */
function killedAfter(request: number): string {
  return `count=$(($(cat "$here/count" 2>/dev/null || echo 0) + 1))
echo "$count" >"$here/count"
"$KUBECTL" "$@"
code=$?
[ "$count" != ${request} ] || kill -9 0
exit $code`;
}
