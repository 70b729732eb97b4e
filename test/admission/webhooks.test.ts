import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { containerManifest } from '../builders/render-examples.ts';
import { eventually } from '../harness/eventually.ts';
import { startFixture, type AdmissionFixture, type Transcript } from './fixture.ts';

let fixture: AdmissionFixture;

const apply = ['apply', '-f', '-'];

/** Objects that kubectl applies; without what only the API server fills in. */
function rule(name: string, spec: object = {}, namespace = 'team') {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name, namespace },
    spec: { alertConditions: [{ type: 'NodeDown' }], opsTemplate: { name: 'cordon' }, ...spec },
  };
}

function template(name: string, spec: object = {}, namespace = 'team') {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisOpsTemplate',
    metadata: { name, namespace },
    spec: { manifest: containerManifest('command: [echo, "{{.node}}"]'), namespace, ...spec },
  };
}

function policy(name: string, spec: object) {
  return { apiVersion: 'aegis.io/v1alpha1', kind: 'AegisRemediationPolicy', metadata: { name }, spec };
}

const badRule = rule('bad', { alertConditions: [{ type: 'Node(' }, { type: 'NodeDown' }, { type: '(?=x)' }] });

function kubectl(args: readonly string[], input?: object | string): Promise<Transcript> {
  return fixture.kubectl(args, input);
}

async function mustRun(args: readonly string[], input?: object | string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, input);
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

interface Grant {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

async function grant(user: string, namespace: string, name: string, right: Grant): Promise<void> {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  await mustRun(apply, { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: [right] });
  await mustRun(['create', 'rolebinding', `${name}-${user}`, `-n=${namespace}`, `--role=${name}`, `--user=${user}`]);
}

beforeAll(async () => {
  fixture = await startFixture();
  for (const namespace of ['team', 'shared']) await mustRun(['create', 'namespace', namespace]);
  const kinds = ['aegisopstemplates', 'aegisalertopsrules'];
  for (const user of ['jane', 'john']) {
    await grant(user, 'team', 'author', {
      apiGroups: ['aegis.io'],
      resources: kinds,
      verbs: ['get', 'create', 'patch'],
    });
  }
  await grant('john', 'team', 'runner', { apiGroups: ['argoproj.io'], resources: ['workflows'], verbs: ['create'] });
  // Stored before the webhooks exist.
  await mustRun(apply, rule('old', { alertConditions: [{ type: 'Node(' }] }));
  await fixture.register();
  await eventually('the webhooks', async () => (await kubectl([...apply, '--dry-run=server'], badRule)).code !== 0);
}, 180_000);

afterAll(async () => {
  await fixture.stop();
}, 60_000);

describe('kubectl apply of a bad object', () => {
  it('kubectl apply shows all errors of a rule at once, with their paths', async () => {
    const { code, stderr } = await kubectl(apply, badRule);
    expect(code).toBe(1);
    expect(stderr).toContain('The AegisAlertOpsRule "bad" is invalid:');
    expect(stderr).toContain('* spec.alertConditions[0].type: type "Node(" is not a RE2 pattern');
    expect(stderr).toContain('* spec.alertConditions[2].type: type "(?=x)" is not a RE2 pattern');
  });

  it('kubectl apply shows all errors of a template at once, with their places in the manifest', async () => {
    const manifest = containerManifest('command: [sh, -c, "{{if .x}}y{{end}}"]').replace('entrypoint: start', 'x: y');
    const parameters = [{ name: 'a', pattern: '(' }];
    const { stderr } = await kubectl(apply, template('bad', { manifest, parameters }));
    expect(stderr).toContain('The AegisOpsTemplate "bad" is invalid:');
    expect(stderr).toContain('* spec.manifest: spec: needs entrypoint');
    expect(stderr).toContain('* spec.manifest: spec.templates[0].container.command[2]: ');
    expect(stderr).toContain('* spec.parameters[0].pattern: ');
  });

  it('kubectl apply shows the error of a policy', async () => {
    const window = { start: '22:00', end: '06:00', mode: 'OnlyDuring', timeZone: 'Mars/Olympus' };
    const { stderr } = await kubectl(apply, policy('bad', { maintenanceWindows: [window] }));
    expect(stderr).toContain('spec.maintenanceWindows[0].timeZone: unknown time zone "Mars/Olympus"');
  });

  it('an error that the schema finds is reported without a call of the webhook', async () => {
    fixture.asked.length = 0;
    const { stderr } = await kubectl(apply, policy('bad', { approval: { required: 1, timeout: '0s' } }));
    // Which value it shows is for the version of kube-apiserver to say: this one, or (1.33) its type.
    expect(stderr).toMatch(/spec\.approval\.timeout: Invalid value: "\w+": must be greater than 0s/);
    expect(fixture.asked).toEqual([]);
  });

  it('--dry-run=server refuses a bad rule, and accepts a good one without storing it', async () => {
    expect((await kubectl([...apply, '--dry-run=server'], badRule)).stderr).toContain('spec.alertConditions[0].type');
    fixture.asked.length = 0;
    expect(await mustRun([...apply, '--dry-run=server'], rule('good'))).toContain('created (server dry run)');
    expect(fixture.asked).toEqual(['/admission/aegisalertopsrules?timeout=5s']);
    expect((await kubectl(['get', 'aegisalertopsrule', 'good', '-n', 'team'])).stderr).toContain('NotFound');
  });
});

describe('the order of applying', () => {
  it('a rule may be applied before its template, with a warning', async () => {
    const { code, stderr } = await kubectl(apply, rule('early'));
    expect(code).toBe(0);
    expect(stderr).toContain('Warning: spec.opsTemplate: AegisOpsTemplate team/cordon does not exist yet');
  });
});

describe('an author', () => {
  it('an author without the right to create Workflows cannot write a template that creates them', async () => {
    const { stderr } = await kubectl([...apply, '--as=jane'], template('hers'));
    expect(stderr).toContain('(Forbidden)');
    expect(stderr).toContain('you may not create workflows.argoproj.io in the namespace team');
  });

  it('an author with the right to create Workflows in a namespace can write a template for that namespace only', async () => {
    await mustRun([...apply, '--as=john'], template('his'));
    const elsewhere = await kubectl([...apply, '--as=john'], template('elsewhere', { namespace: 'monitoring' }));
    expect(elsewhere.stderr).toContain('you may not create workflows.argoproj.io in the namespace monitoring');
    const anywhere = await kubectl([...apply, '--as=john'], template('anywhere', { namespace: undefined }));
    expect(anywhere.stderr).toContain(
      'spec.namespace: required: without it the Workflows run in the namespace of the alert',
    );
  });

  it('a rule may reference a template of another namespace only if its author has the verb use', async () => {
    await mustRun(apply, template('reboot', {}, 'shared'));
    const reference = rule('borrowed', { opsTemplate: { namespace: 'shared', name: 'reboot' } });
    const { stderr } = await kubectl([...apply, '--as=jane'], reference);
    expect(stderr).toContain('(Forbidden)');
    expect(stderr).toContain('spec.opsTemplate: you may not use the AegisOpsTemplate shared/reboot');
    const use = {
      apiGroups: ['aegis.io'],
      resources: ['aegisopstemplates'],
      resourceNames: ['reboot'],
      verbs: ['use'],
    };
    await grant('jane', 'shared', 'user', use);
    await eventually('the new right', async () => (await kubectl([...apply, '--as=jane'], reference)).code === 0);
  });
});

describe('an object that was stored before it was judged', () => {
  const old = ['aegisalertopsrule', 'old', '--namespace=team'];

  it('a bad object from before the webhook takes labels, finalizers and a status, but no change of its spec that leaves it bad', async () => {
    await mustRun(['label', ...old, 'a=b']);
    await mustRun(['patch', ...old, '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/x"]}}']);
    await mustRun(['patch', ...old, '--subresource=status', '--type=merge', '-p', '{"status":{"matched":1}}']);
    const spec = ['patch', ...old, '--type=merge', '-p', '{"spec":{"priority":3}}'];
    expect((await kubectl(spec)).stderr).toContain('spec.alertConditions[0].type');
  });

  it('a bad object from before the webhook is deleted when its finalizers are removed', async () => {
    await mustRun(['delete', ...old, '--wait=false']);
    await mustRun(['patch', ...old, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    await eventually('its end', async () => (await kubectl(['get', ...old])).stderr.includes('NotFound'));
  });
});

describe("Aegis's own accounts", () => {
  it("requests of Aegis's own accounts are not sent to its webhooks", async () => {
    fixture.asked.length = 0;
    await mustRun(
      [...apply, '--as=system:serviceaccount:monitoring:aegis-apiserver', '--as-group=system:masters'],
      rule('own', badRule.spec),
    );
    expect(fixture.asked).toEqual([]);
    await mustRun(['delete', 'aegisalertopsrule', 'own', '-n', 'team']);
  });
});

describe('an update of an object of 1.4 MiB', () => {
  it('an update of an object of 1.4 MiB is validated', async () => {
    const parameters = Array.from({ length: 52 }, (_, index) => ({
      name: `p${index}`,
      default: '\u4E2D'.repeat(8_192),
    }));
    const annotations = { filler: 'x'.repeat(200_000) };
    const large = template('large', { parameters });
    const object = { ...large, metadata: { ...large.metadata, annotations } };
    const size = Buffer.byteLength(JSON.stringify(object));
    expect(size).toBeGreaterThan(1.4 * 1024 * 1024);
    await mustRun(['create', '-f', '-'], object);
    fixture.asked.length = 0;
    await mustRun(['replace', '-f', '-'], { ...object, spec: { ...object.spec, risk: 'Destructive' } });
    expect(fixture.asked).toEqual(['/admission/aegisopstemplates?timeout=5s']);
    const bad = { ...object, spec: { ...object.spec, manifest: 'kind: Pod' } };
    expect((await kubectl(['replace', '-f', '-'], bad)).stderr).toContain('spec.manifest: ');
    await mustRun(['label', 'aegisopstemplate', 'large', '-n', 'team', 'a=b']);
    await mustRun(['delete', 'aegisopstemplate', 'large', '-n', 'team']);
  });
});

describe('the dry run of the Workflow', () => {
  const unfit = template('unfit', { manifest: containerManifest('command: {no: list}') });

  it('without Argo the dry run of the Workflow is skipped with a warning', async () => {
    const { code, stderr } = await kubectl([...apply, '--dry-run=server'], unfit);
    expect(code).toBe(0);
    expect(stderr).toContain('Warning: spec.manifest: no dry run of the Workflow: Argo Workflows is not installed');
  });

  it("the dry run of the Workflow refuses what Argo's CRD refuses, and creates nothing", async () => {
    await fixture.installArgo();
    const refused = await eventually('the refusal', async () => {
      const transcript = await kubectl([...apply, '--dry-run=server'], unfit);
      return transcript.code !== 0 && transcript;
    });
    expect(refused.stderr).toContain('The AegisOpsTemplate "unfit" is invalid');
    expect(refused.stderr).toContain('spec.manifest: spec.templates[0].container.command: Invalid value');
    const { stderr } = await kubectl(apply, template('fit'));
    expect(stderr).toBe('');
    expect(await mustRun(['get', 'workflows', '--all-namespaces', '-o', 'name'])).toBe('');
  }, 120_000);

  it('the dry run of a Workflow for a missing namespace is skipped with a message', async () => {
    const { code, stderr } = await kubectl(apply, template('nowhere', { namespace: 'nowhere' }));
    expect(code).toBe(0);
    expect(stderr).toContain('namespaces "nowhere" not found');
  });
});

describe('webhooks that are down', () => {
  it('webhooks that are down block new specs of Aegis and nothing else', async () => {
    await fixture.goDown();
    const { code, stderr } = await kubectl(apply, rule('later'));
    expect(code).toBe(1);
    expect(stderr).toContain('failed calling webhook "aegisalertopsrules.admission.aegis.io"');
    await mustRun(['create', 'configmap', 'x', '-n', 'team', '--from-literal=a=b']);
    await mustRun([
      'run',
      'x',
      '-n',
      'team',
      '--image=busybox',
      '--overrides={"spec":{"serviceAccountName":"default"}}',
    ]);
    await mustRun(['delete', 'pod', 'x', '-n', 'team', '--wait=false', '--force']);
    await mustRun(['label', 'aegisalertopsrule', 'early', '-n', 'team', 'a=b']);
    const status = ['patch', 'aegisalertopsrule', 'early', '-n', 'team', '--subresource=status', '--type=merge'];
    await mustRun([...status, '-p', '{"status":{"matched":1}}']);
    const alert = { kind: 'AegisAlert', apiVersion: 'aegis.io/v1alpha1', metadata: { name: 'a', namespace: 'team' } };
    await mustRun(apply, { ...alert, spec: { type: 'NodeDown', status: 'Firing' } });
    await mustRun(['delete', 'aegisalertopsrule', 'early', '-n', 'team']);
  });
});
