import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { canRunRealNode } from '../../devcluster/node/index.ts';
import { eventually } from '../harness/eventually.ts';
import { budget, staticPod, workload } from './workloads.ts';
import { NODE, startToolkit, type Toolkit } from './fixture.ts';

const START_TIMEOUT_MS = 30 * 60_000;
const TEST_TIMEOUT_MS = 5 * 60_000;
const WITHIN = { withinMs: 120_000, everyMs: 500 };

const verdict = canRunRealNode();
const suite = verdict.ok ? describe : describe.skip;

suite(`the toolkit on a real node${verdict.ok ? '' : ` (skipped: ${verdict.reason})`}`, () => {
  let toolkit: Toolkit;
  const node = { kind: 'Node', name: NODE };

  beforeAll(async () => {
    toolkit = await startToolkit({ drain: { timeout: '40' }, 'drain-then-delete': { timeout: '10' } });
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await toolkit.stop();
  }, TEST_TIMEOUT_MS);

  const kubectl = (...args: string[]): Promise<string> => toolkit.cluster.kubectl(['--namespace=default', ...args]);
  const run = async (template: string, object: Parameters<Toolkit['start']>[1]) =>
    toolkit.ended(await toolkit.start(template, object));
  const podsOf = (app: string): Promise<string> =>
    kubectl(
      'get',
      'pods',
      '-l',
      `app=${app}`,
      '--field-selector=status.phase=Running',
      '-o',
      'jsonpath={.items[*].metadata.name}',
    );
  const available = (kind: string, name: string): Promise<string> =>
    kubectl('rollout', 'status', `${kind}/${name}`, '--timeout=120s');

  beforeEach(async () => {
    await kubectl('uncordon', NODE);
  });

  it(
    'the toolkit cordons a node and restores its prior state',
    async () => {
      const workflow = await toolkit.start('cordon', node);
      expect(await toolkit.ended(workflow)).toMatchObject({ phase: 'Succeeded', log: `node ${NODE} is cordoned\n` });
      expect(await toolkit.isCordoned()).toBe(true);
      const owner = await kubectl('get', 'node', NODE, '-o', 'jsonpath={.metadata.annotations.aegis\\.io/cordoned-by}');
      expect(owner).toBe(`monitoring/${workflow}`);
      expect(await run('uncordon', node)).toMatchObject({ phase: 'Succeeded' });
      expect(await toolkit.isCordoned()).toBe(false);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'F5: a node that was cordoned before the toolkit stays cordoned',
    async () => {
      await kubectl('cordon', NODE);
      const cordon = await run('cordon', node);
      expect(cordon.log).toBe(`nothing done: node ${NODE} is cordoned already, by another user\n`);
      expect(await run('uncordon', node)).toMatchObject({ phase: 'Succeeded' });
      expect(await toolkit.isCordoned()).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  describe('a drain', () => {
    beforeAll(async () => {
      const { dataDir } = toolkit.cluster;
      writeFileSync(join(dataDir, 'node/kubelet/static-pods/fixed.json'), JSON.stringify(staticPod('fixed')));
      await toolkit.apply(workload('Deployment', 'web'), workload('DaemonSet', 'agent'), budget('web', 1));
      await kubectl('uncordon', NODE);
      await available('deployment', 'web');
      await available('daemonset', 'agent');
      await eventually('the static pod', () => kubectl('get', 'pod', `fixed-${NODE}`).catch(() => undefined), WITHIN);
    }, TEST_TIMEOUT_MS);

    const refused = (workflow: string): Promise<boolean> =>
      eventually(
        'an eviction to be refused',
        async () => (await toolkit.log(workflow)).includes("would violate the pod's disruption budget"),
        WITHIN,
      );

    it(
      'F23: a drain that cannot succeed ends with the reason, and the node is as it was',
      async () => {
        const { phase, message, log } = await run('drain', node);
        expect(phase).toBe('Failed');
        expect(message).toContain('time is up; default/web-');
        expect(message).toContain("Cannot evict pod as it would violate the pod's disruption budget");
        expect(log).toContain(`node ${NODE} is uncordoned, as it was before`);
        expect(await toolkit.isCordoned()).toBe(false);
        expect(await podsOf('web')).not.toBe('');
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'F5: a drain that is terminated, or whose pod is killed, restores the prior state of the node',
      async () => {
        const terminated = await toolkit.start('drain', node);
        await refused(terminated);
        expect(await toolkit.isCordoned()).toBe(true);
        await toolkit.cluster.kubectl([
          'patch',
          'workflow',
          terminated,
          '--type=merge',
          '-p',
          '{"spec":{"shutdown":"Terminate"}}',
        ]);
        expect(await toolkit.ended(terminated)).toMatchObject({ phase: 'Failed' });
        await eventually('the cordon to be lifted', async () => !(await toolkit.isCordoned()), WITHIN);

        const killed = await toolkit.start('drain', node);
        await refused(killed);
        const pod = ['pod', '-l', `workflows.argoproj.io/workflow=${killed}`];
        await toolkit.cluster.kubectl(['delete', ...pod, '--grace-period=0', '--force']);
        expect((await toolkit.ended(killed)).phase).not.toBe('Succeeded');
        expect(await toolkit.isCordoned()).toBe(false);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'F22: a drain waits while a budget refuses, continues when it allows, and leaves static pods and DaemonSets alone',
      async () => {
        const workflow = await toolkit.start('drain', node);
        await refused(workflow);
        const pod = await podsOf('web');
        await toolkit.apply(budget('web', 0));
        const { phase, log } = await toolkit.ended(workflow);
        expect(log).toContain(`evicted default/${pod}`);
        expect(log).toContain(`default/fixed-${NODE} stays: a static pod`);
        expect(log).toMatch(/default\/agent-\S+ stays: of a DaemonSet/);
        expect(phase).toBe('Succeeded');
        expect(await toolkit.isCordoned()).toBe(true);
        expect(await podsOf('web')).toBe('');
        expect(await podsOf('agent')).not.toBe('');
        expect(await kubectl('get', 'pod', `fixed-${NODE}`, '-o', 'jsonpath={.status.phase}')).toBe('Running');
      },
      TEST_TIMEOUT_MS,
    );
  });

  it(
    'a drain that may delete does so when its time is up, against the budget',
    async () => {
      await toolkit.apply(workload('Deployment', 'stubborn'), budget('stubborn', 1));
      await available('deployment', 'stubborn');
      const pod = await podsOf('stubborn');
      const { phase, log } = await run('drain-then-delete', node);
      expect(log).toContain("would violate the pod's disruption budget");
      expect(log).toContain('after 10 s the pods that are left are deleted');
      expect(phase).toBe('Succeeded');
      expect(await toolkit.isCordoned()).toBe(true);
      expect((await podsOf('stubborn')).split(' ')).not.toContain(pod);
      await kubectl('delete', 'deployment/stubborn', 'pdb/stubborn');
    },
    TEST_TIMEOUT_MS,
  );

  describe('a repair', () => {
    it(
      'a repair collects evidence before it touches the node, and uncordons the node in the end',
      async () => {
        const workflow = await toolkit.start('repair-node', node);
        expect(await toolkit.ended(workflow)).toMatchObject({ phase: 'Succeeded' });
        const steps = ['evidence', 'drain', 'act', 'restore'];
        expect(await toolkit.steps(workflow)).toEqual(steps.map((step) => `${step} Succeeded`));
        expect(await toolkit.isCordoned()).toBe(false);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'a repair does not begin without evidence',
      async () => {
        const workflow = await toolkit.start('repair-node', { kind: 'Node', name: 'ghost' });
        expect(await toolkit.ended(workflow)).toMatchObject({ phase: 'Failed' });
        expect(await toolkit.steps(workflow)).toEqual(['evidence Failed', 'restore Succeeded']);
      },
      TEST_TIMEOUT_MS,
    );
  });

  it(
    'F8: a test under load that fails makes a Workflow that succeeded Ineffective',
    async () => {
      const workflow = await toolkit.start('reset-gpu', node);
      expect(await toolkit.ended(workflow)).toMatchObject({ phase: 'Succeeded', message: '' });
      const standing = ['-n', NAMESPACE, '-o', 'jsonpath={.status.phase}: {.status.message}'];
      const read = () => toolkit.cluster.kubectl(['get', 'aegisremediation', workflow, ...standing]);
      await eventually('the verdict', async () => (await read()).startsWith('Ineffective'), WITHIN);
      expect(await read()).toBe(
        'Ineffective: the Workflow succeeded, and found that it did not help: the device does not answer under load',
      );
    },
    TEST_TIMEOUT_MS,
  );

  describe('pods', () => {
    beforeAll(async () => {
      await toolkit.apply(workload('Deployment', 'shop'));
    });

    beforeEach(async () => {
      await available('deployment', 'shop');
    }, TEST_TIMEOUT_MS);

    it(
      'pods of a Deployment are restarted',
      async () => {
        const before = await podsOf('shop');
        const { phase, log } = await run('restart-deployment', {
          kind: 'Deployment',
          namespace: 'default',
          name: 'shop',
        });
        expect(log).toContain('successfully rolled out');
        expect(phase).toBe('Succeeded');
        const after = await podsOf('shop');
        expect(after).not.toBe('');
        expect(after.split(' ')).not.toContain(before);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'pods are deleted one by one, where their controller starts another',
      async () => {
        const [pod = ''] = (await podsOf('shop')).split(' ');
        const { phase, log } = await run('delete-pod', { kind: 'Pod', namespace: 'default', name: pod });
        expect(log).toContain(`pod default/${pod} is gone`);
        expect(phase).toBe('Succeeded');
        await available('deployment', 'shop');
        expect((await podsOf('shop')).split(' ')).not.toContain(pod);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'pods and their node are described, with events and logs',
      async () => {
        const [name = ''] = (await podsOf('shop')).split(' ');
        const ofPod = await run('collect-evidence', { kind: 'Pod', namespace: 'default', name });
        expect(ofPod.log).toMatch(/\[pod\/shop-\S+\/main\] hello/);
        expect(ofPod.log).toContain('Successfully assigned');
        expect(ofPod.phase).toBe('Succeeded');
        const ofNode = await run('collect-evidence', node);
        expect(ofNode.log).toMatch(/Name: +dev1/);
        expect(ofNode.log).toContain(`=== end of the evidence of Node ${NODE}`);
        expect(ofNode.phase).toBe('Succeeded');
      },
      TEST_TIMEOUT_MS,
    );
  });
});
