import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiServices } from '../../apiservice/registration/registered.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { distinct, nameOf, send } from '../bench/alerts.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert } from '../harness/senders.ts';
import { expectGolden } from './support/golden.ts';
import { guideChapters } from './support/guide.ts';
import { isStale } from './support/discovery.ts';
import { runKubectl, runShell, type Transcript } from './support/kubectl.ts';
import { bindUsers } from './support/users.ts';

const groupVersion = 'subresources.aegis.io/v1alpha1';
const base = `/apis/${groupVersion}/namespaces/${NAMESPACE}`;
const policies = `/apis/${groupVersion}/aegisremediationpolicies`;

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ extension: true });
}, 180_000);

afterAll(async () => {
  await harness.stop();
}, 60_000);

function kubectl(args: readonly string[], input?: object | string): Promise<Transcript> {
  return runKubectl(harness.cluster, args, input);
}

/** Runs a command again while kube-apiserver cannot reach the API, as happens for moments on a busy machine. */
function untilServed(args: readonly string[], input?: object | string): Promise<Transcript> {
  return eventually('the API to be reached', async () => {
    const transcript = await kubectl(args, input);
    return !transcript.stderr.includes('(ServiceUnavailable)') && transcript;
  });
}

async function mustRun(args: readonly string[], input?: object | string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, input);
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

function rule(name: string, type: string, spec: object = {}) {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name, namespace: NAMESPACE },
    spec: { alertConditions: [{ type }], opsTemplate: { name: 'nodehasemergencyevent' }, ...spec },
  };
}

/** Sends an alert of a type of its own; answers its name once its attempts are as many as they should become. */
async function fire(fingerprint: string, type: string): Promise<string> {
  const alert = nodeAlert(fingerprint, { type });
  await send(harness, alert);
  return nameOf(alert);
}

/** The attempt for an alert, once it waits for approval. */
async function waiting(alert: string): Promise<string> {
  return eventually(`an attempt for ${alert}`, async () => {
    const path =
      '{range .items[?(@.status.phase=="AwaitingApproval")]}{.spec.alertRef.name} {.metadata.name}{"\\n"}{end}';
    const lines = (await mustRun(['get', 'aegisremediations', '-o', `jsonpath=${path}`])).split('\n');
    return lines.find((line) => line.startsWith(`${alert} `))?.split(' ')[1];
  });
}

describe('a cluster on which Aegis has just been registered', () => {
  const rules = `/apis/aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalertopsrules`;
  const service = 'v1alpha1.subresources.aegis.io';

  async function available(): Promise<void> {
    await eventually(
      'the API to be available',
      async () => {
        const found = await harness.client(apiServices).find({ name: service });
        return found?.status?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True');
      },
      { everyMs: 5 },
    );
  }

  function create(object: object): Promise<unknown> {
    return harness.rest.request({ method: 'POST', path: rules, body: object }).catch((error: unknown) => error);
  }

  it('a newly registered Aegis accepts good rules and templates and refuses bad ones at the first try', async () => {
    await available();
    expect(await create(rule('bad', 'Node('))).toMatchObject({ status: 422 });
    expect(await mustRun(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')])).toContain('created');
    const { code, stderr } = await kubectl(['apply', '-f', '-'], rule('bad', 'Node('));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is not a RE2 pattern') as unknown });
  });

  it('Aegis registered again with another authority refuses a bad rule at the first try', async () => {
    const { cluster } = harness;
    await cluster.kubectl(['delete', 'apiservice', service]);
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'aegis']);
    await cluster.kubectl(['delete', 'secret', 'aegis-apiserver-ca']);
    const restarted = cluster.restart('apiserver-0');
    await available();
    expect(await create(rule('bad', 'Node('))).toMatchObject({ status: 422 });
    expect(await create(rule('good', 'NodeOdd'))).toMatchObject({ kind: 'AegisAlertOpsRule' });
    await restarted;
    await mustRun(['delete', 'aegisalertopsrule', 'good']);
  });
});

describe('kubectl', () => {
  beforeAll(async () => {
    await eventually('what is served in the documents of kube-apiserver', async () => {
      const paths = ['/openapi/v2', '/openapi/v3', `/apis/${groupVersion}`];
      const documents = await Promise.all(paths.map((path) => harness.cluster.kubectl(['get', '--raw', path])));
      return documents.every((text) => text.includes(groupVersion)) && !(await isStale(harness));
    });
  });

  it('kubectl api-resources shows no resources of the subresources group', async () => {
    const shown = await kubectl(['api-resources', '--api-group=subresources.aegis.io', '--cached=false']);
    expect(shown).toEqual({ code: 0, stdout: expect.stringMatching(/^NAME .*\n$/), stderr: '' });
  });

  it.each(['aegisalerts', 'aegisremediations', 'aegisopstemplates', 'aegisremediationpolicies'])(
    'kubectl explain describes the subresources of %s as they are served',
    async (resource) => {
      await expectGolden(
        `served/explain-${resource}.txt`,
        await mustRun(['explain', resource, `--api-version=${groupVersion}`]),
      );
    },
  );

  it('kubectl auth can-i returns who has the operator role, without a warning', async () => {
    await bindUsers(harness.cluster, { ann: ['aegis-operate'], bob: ['aegis-view'] });
    const ask = (user: string) =>
      kubectl([
        ...['auth', 'can-i', 'create', 'aegisalerts.subresources.aegis.io', '--subresource=trigger'],
        `--as=${user}`,
      ]);
    await eventually('the roles to count', async () => (await ask('ann')).code === 0);
    expect(await ask('ann')).toEqual({ code: 0, stdout: 'yes\n', stderr: '' });
    expect(await ask('bob')).toEqual({ code: 1, stdout: 'no\n', stderr: '' });
  });

  it('kubectl get reads alerts from the custom resources, and pods without a warning about any group', async () => {
    const { code, stderr } = await kubectl(['get', 'aegisalerts', '-v6']);
    expect(code).toBe(0);
    expect(stderr).toContain(`/apis/aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalerts`);
    expect(stderr).not.toContain(`/apis/${groupVersion}/namespaces`);
    const pods = await kubectl(['get', 'pods', '-n', 'default']);
    expect(pods).toEqual({ code: 0, stdout: '', stderr: 'No resources found in default namespace.\n' });
  });

  it('kubectl prints refusals of Aegis like refusals of Kubernetes', async () => {
    const [alert] = distinct('refused', 1, { type: 'NoRuleForIt' });
    await send(harness, alert!);
    const path = `${base}/aegisalerts/${nameOf(alert!)}`;
    const hash = `sha256:${'0'.repeat(64)}`;
    const commands: [string[], (object | string)?][] = [
      [['get', '--raw', `${base}/aegisalerts/absent/inspect`]],
      [['get', '--raw', `${path}/nothing`]],
      [['get', '--raw', path]],
      [['get', '--raw', `/apis/${groupVersion}/aegisalerts`]],
      [['get', '--raw', `${path}/inspect`, '--as=eve']],
      [['create', '--raw', `${path}/trigger`, '-f', '-', '--as=bob'], {}],
      [['create', '--raw', `${policies}/everything/pause`, '-f', '-', '--as=ann'], {}],
      [['replace', '--raw', `${path}/trigger`, '-f', '-'], {}],
      [['delete', '--raw', `${path}/trigger`]],
      [['create', '--raw', `${path}/inspect`, '-f', '-'], {}],
      [['create', '--raw', `${path}/trigger`, '-f', '-'], {}],
      [['create', '--raw', `${path}/trigger`, '-f', '-'], { template: 'absent' }],
      [['create', '--raw', `${path}/trigger`, '-f', '-'], { template: 7, reasons: 'typo' }],
      [['create', '--raw', `${path}/trigger`, '-f', '-'], '{"template": '],
      [['create', '--raw', `${base}/aegisremediations/absent/approve`, '-f', '-'], { manifestHash: hash }],
      [['create', '--raw', `${base}/aegisremediations/absent/approve`, '-f', '-'], {}],
    ];
    let text = '';
    for (const [args, input] of commands) {
      const { code, stdout, stderr } = await untilServed(args, input);
      const typed = typeof input === 'object' ? JSON.stringify(input) : input;
      text += `$ ${typed === undefined ? '' : `echo '${typed}' | `}kubectl ${args.join(' ')}\n`;
      text += `${stdout}${stderr}(exit code ${code})\n\n`;
    }
    await expectGolden('served/refused.txt', text);
  });
});

describe('the commands of the guides', () => {
  /** Runs the commands of a chapter; those that set a variable hold for the ones after them. */
  async function play(file: string, title: string, names: Readonly<Record<string, string>>): Promise<string[]> {
    const chapters = guideChapters(file);
    const before = chapters[0]!.commands.filter((command) => /^[A-Z]+=/.test(command));
    const chapter = chapters.find((one) => one.title === title);
    const shell = ['command -v jq > /dev/null || jq() { cat; }', ...before];
    const outputs: string[] = [];
    expect(chapter?.commands).not.toHaveLength(0);
    for (const written of chapter?.commands ?? []) {
      const command = Object.entries(names).reduce((text, [from, to]) => text.replaceAll(from, to), written);
      const { code, stdout, stderr } = await runShell(harness.cluster, [...shell, command].join('\n'));
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      if (/^[A-Z]+=/.test(command)) shell.push(command);
      outputs.push(stdout);
    }
    return outputs;
  }

  it('the commands of the guide inspect an alert, trigger a remediation and render a template', async () => {
    const alert = await fire('guided', 'NodeHasEmergencyEvent');
    const names = { '<alert>': alert, cordon: 'nodehasemergencyevent', dev1: 'node-guided' };
    const [, inspected] = await play('inspect-and-trigger.md', '', names);
    expect(inspected).toContain('"verdict": "Chosen"');
    const unruled = { ...names, '<alert>': await fire('by-hand', 'NoRuleForIt') };
    const [preview, started] = await play('inspect-and-trigger.md', 'Start something by hand', unruled);
    expect(preview).toContain('"ok":true');
    expect(started).toContain('"aegis.io/reason":"pager"');
    const [rendered] = await play('inspect-and-trigger.md', 'Try a template', names);
    expect(rendered).toContain('kubectl cordon node-guided');
  });

  it('the commands of the guide approve, reject and cancel attempts', async () => {
    await mustRun(['apply', '-f', '-'], rule('two', 'NeedsTwo', { approvals: 2 }));
    const [first, second] = [
      await waiting(await fire('one', 'NeedsTwo')),
      await waiting(await fire('two', 'NeedsTwo')),
    ];
    const outputs = await play('approve-and-pause.md', 'Approve or reject', { NAME: first });
    expect(outputs[0]).toContain(first);
    expect(JSON.parse(outputs.at(-1)!)).toMatchObject({ status: { approvals: expect.any(Array) } });
    await play('approve-and-pause.md', 'Cancel', { NAME: second });
    await eventually('both to be over', async () => {
      const phases = await mustRun([
        'get',
        'aegisremediations',
        first,
        second,
        '-o',
        'jsonpath={.items[*].status.phase}',
      ]);
      return phases === 'Rejected Cancelled';
    });
  });

  it('the commands of the guide acknowledge, silence and resolve an alert', async () => {
    const alert = await fire('words', 'NoRuleForIt');
    await play('approve-and-pause.md', 'Acknowledge, silence, resolve', { ALERT: alert });
    const { spec, status } = JSON.parse(await mustRun(['get', 'aegisalert', alert, '-o', 'json'])) as {
      spec: object;
      status: object;
    };
    expect(spec).toMatchObject({ status: 'Resolved' });
    expect(status).toMatchObject({ acknowledgedBy: expect.anything() });
  });

  it('the commands of the guide pause and resume a policy', async () => {
    await play('approve-and-pause.md', 'Pause and resume', {});
    expect(await mustRun(['get', 'aegisremediationpolicy', 'everything', '-o', 'jsonpath={.status.pauses}'])).toBe(
      '[]',
    );
  });
});
