import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nodeObject, podObject, startOpsFixture, type OpsFixture } from './fixture.ts';

let fixture: OpsFixture;
let nodes = 0;

beforeAll(async () => {
  fixture = await startOpsFixture();
}, 180_000);

afterAll(async () => {
  await fixture.stop();
});

async function newNode(): Promise<string> {
  const node = `node-${(nodes += 1)}`;
  await fixture.create(nodeObject(node));
  return node;
}

const cordon = (node: string, owner: string, around?: string) =>
  fixture.run('cordon', ['cordon', `--node=${node}`, `--owner=monitoring/${owner}`], around).ended;
const uncordon = (node: string) => fixture.run('uncordon', ['uncordon', `--node=${node}`]).ended;

async function annotation(node: string, name: string): Promise<string> {
  const path = `jsonpath={.metadata.annotations.aegis\\.io/${name}}`;
  return fixture.cluster.kubectl(['get', 'node', node, '-o', path]);
}

describe('cordon and uncordon', () => {
  it('cordon and uncordon restore the prior state of the node', async () => {
    const node = await newNode();
    expect(await cordon(node, 'one')).toEqual({ code: 0, output: `node ${node} is cordoned\n` });
    expect(await fixture.isCordoned(node)).toBe(true);
    expect(await annotation(node, 'cordoned-by')).toBe('monitoring/one');
    expect(await annotation(node, 'prior-unschedulable')).toBe('false');
    expect((await cordon(node, 'one')).output).toContain('already, by an earlier try of this Workflow');
    expect(await uncordon(node)).toMatchObject({ code: 0 });
    expect(await fixture.isCordoned(node)).toBe(false);
    expect(await annotation(node, 'cordoned-by')).toBe('');
    expect(await annotation(node, 'prior-unschedulable')).toBe('');
  });

  it('cordon and uncordon leave a node alone that another user has cordoned, and say so', async () => {
    const node = await newNode();
    await fixture.cluster.kubectl(['cordon', node]);
    expect((await cordon(node, 'one')).output).toBe(
      `nothing done: node ${node} is cordoned already, by another user\n`,
    );
    expect(await annotation(node, 'cordoned-by')).toBe('');
    expect(await uncordon(node)).toMatchObject({ code: 0, output: expect.stringContaining('but not by Aegis') });
    expect(await fixture.isCordoned(node)).toBe(true);
  });

  it('cordon does not take over the cordon of another attempt', async () => {
    const node = await newNode();
    await cordon(node, 'one');
    expect((await cordon(node, 'two')).output).toContain('cordoned already, by monitoring/one');
    expect(await annotation(node, 'cordoned-by')).toBe('monitoring/one');
  });

  it('uncordon keeps a cordon that a user set after lifting the one of Aegis', async () => {
    const node = await newNode();
    await cordon(node, 'one');
    await fixture.cluster.kubectl(['uncordon', node]);
    expect((await uncordon(node)).output).toContain('another user has lifted the cordon of monitoring/one');
    await fixture.cluster.kubectl(['cordon', node]);
    await uncordon(node);
    expect(await fixture.isCordoned(node)).toBe(true);
  });

  it('cordon notices a cordon that was set between its read and its write', async () => {
    const node = await newNode();
    const quicker = `case "$*" in *'patch node'*) KUBECONFIG=$ADMIN "$KUBECTL" cordon ${node} >/dev/null ;; esac
exec "$KUBECTL" "$@"`;
    expect((await cordon(node, 'one', quicker)).output).toContain('cordoned already, by another user');
    expect(await annotation(node, 'cordoned-by')).toBe('');
  });

  it('uncordon keeps a node cordoned that was cordoned before', async () => {
    const node = await newNode();
    await cordon(node, 'one');
    await fixture.cluster.kubectl(['annotate', '--overwrite', 'node', node, 'aegis.io/prior-unschedulable=true']);
    expect((await uncordon(node)).output).toContain('stays cordoned');
    expect(await fixture.isCordoned(node)).toBe(true);
  });
});

describe('arguments that the scripts refuse', () => {
  it.each([
    ['a name that is an option', '--node=--all'],
    ['a name that a shell would run', '--node=$(id)'],
    ['a name with a blank', '--node=a b'],
    ['two names in one', '--node=a\nb'],
    ['a path', '--node=../secrets'],
    ['a name that is empty', '--node='],
    ['a number that is none', '--timeout=1e9'],
    ['a number that is too large', '--timeout=99999999999'],
    ['a word that is no mode', '--mode=Force'],
    ['a setting that does not exist', '--force=true'],
  ])('aegis-ops refuses %s', async (_, setting) => {
    const { code, output } = await fixture.run('cordon', ['cordon', '--owner=monitoring/one', setting]).ended;
    expect(output).toMatch(/^failed: (the|there is no) setting /);
    expect(code).toBe(2);
  });

  it('aegis-ops fails without the right to patch nodes', async () => {
    const node = await newNode();
    const { code, output } = await fixture.run('collect-evidence', ['cordon', `--node=${node}`, '--owner=a/b']).ended;
    expect(output).toContain('cannot patch resource "nodes"');
    expect(code).toBe(5);
  });

  it('aegis-ops refuses to delete a pod without a controller', async () => {
    const node = await newNode();
    await fixture.cluster.kubectl(
      ['-n', 'default', 'create', 'rolebinding', 'delete-pod', '--clusterrole=aegis-ops-delete-pod'].concat(
        '--serviceaccount=monitoring:aegis-ops-delete-pod',
      ),
    );
    await fixture.create(podObject('naked', node));
    const args = ['delete-pod', '--kind=Pod', '--namespace=default', '--name=naked', '--timeout=10'];
    expect(await fixture.run('delete-pod', args).ended).toMatchObject({ code: 3 });
    expect(await fixture.run('delete-pod', [...args, '--unmanaged=true']).ended).toMatchObject({ code: 0 });
    expect((await fixture.run('delete-pod', args).ended).output).toBe(
      'nothing done: pod default/naked is gone already\n',
    );
  });
});

describe('evidence', () => {
  it('incomplete evidence is a failure when it is guaranteed, and a remark otherwise', async () => {
    // No node means no log.
    const node = await newNode();
    await fixture.create(podObject('silent', node));
    const args = ['evidence', '--kind=Pod', '--namespace=default', '--name=silent'];
    const guaranteed = await fixture.run('collect-evidence', args).ended;
    expect(guaranteed.output).toContain('failed: this could not be collected: log of pod default/silent');
    expect(guaranteed.code).toBe(1);
    const effort = await fixture.run('collect-evidence', [...args, '--evidence=BestEffort']).ended;
    expect(effort.output).toContain('not collected: log of pod default/silent');
    expect(effort.code).toBe(0);
  });
});
