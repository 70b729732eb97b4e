import { describe, expect, it } from '@jest/globals';
import {
  alertOf,
  containerManifest,
  cordonManifest,
  line,
  messages,
  problems,
  render,
  scriptManifest,
  start,
  templateOf,
} from '../../test/builders/render-examples.ts';
import { renderTemplate } from './index.ts';

describe('the examples of the original', () => {
  it('the template of the README of the original project is rendered', () => {
    const result = render(cordonManifest, { startAt: '2022021122', node: 'dev1' });
    expect(result).toEqual({
      ok: true,
      variables: ['node'],
      warnings: [],
      workflow: {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Workflow',
        metadata: { labels: {}, annotations: {} },
        spec: {
          activeDeadlineSeconds: 3600,
          serviceAccountName: 'aegis-workflow',
          ttlSecondsAfterFinished: 60,
          entrypoint: 'start',
          templates: [
            {
              name: 'start',
              retryStrategy: { limit: 1 },
              container: {
                image: 'bitnami/kubectl:latest',
                command: ['/bin/bash', '-c', 'kubectl cordon dev1\n'],
              },
            },
          ],
        },
      },
    });
  });

  it('a shell variable is rendered, as in the dropcache example of the original project', () => {
    const script =
      "node={{.node}}\nfree -g\nnsenter -m/proc/1/ns/mnt -- /bin/sh -c 'echo 3 > /proc/sys/vm/drop_caches'";
    expect(start(render(scriptManifest(script), { node: 'dev1' }))).toMatchObject({
      container: { args: [`${script.replace('{{.node}}', 'dev1')}\n`] },
    });
  });

  it('a manifest within the manifest is rendered, as in the self-healing example of the original project', () => {
    const manifest = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  entrypoint: ops
  templates:
  - name: ops
    resource:
      action: create
      manifest: |
        kind: Job
        metadata:
          generateName: {{.AlertName}}-
        args:
        - node
        - {{.InvolvedObjectNode}}
        {{#.claimTicket}}
        - --claim
        {{/.claimTicket}}
        env: "{{.AlertNamespace}}/{{.AlertName}}"
`;
    const alert = alertOf({}, { kind: 'Node', name: 'dev1', node: 'dev1' });
    expect(start(renderTemplate({ alert, template: templateOf(manifest) }))).toMatchObject({
      resource: {
        manifest:
          'kind: Job\nmetadata:\n  generateName: default-nodehasemergencyevent-9njt4-\nargs:\n- node\n- dev1\n' +
          'env: "monitoring/default-nodehasemergencyevent-9njt4"\n',
      },
    });
  });

  it('unquoted variables and blanks within the braces are accepted', () => {
    expect(start(line('workingDir: {{ .v }}', 'x'))).toMatchObject({ container: { workingDir: 'x' } });
    expect(start(line('env: [{name: A, value: {{.v}}}]', 'x'))).toMatchObject({ container: { env: [{ value: 'x' }] } });
  });
});

describe('values', () => {
  const manifest = containerManifest('args: ["{{.node}}", "{{.AlertName}}", "{{.InvolvedObjectName}}"]');

  it('a detail never replaces a field of the alert', () => {
    const details = { node: 'n', AlertName: 'evil', InvolvedObjectName: 'evil', InvolvedObjectKind: 'evil' };
    expect(start(render(manifest, details))).toMatchObject({
      container: { args: ['n', 'default-nodehasemergencyevent-9njt4', 'dev1'] },
    });
    const alert = alertOf({ AlertNamespace: 'evil', InvolvedObjectNamespace: 'evil' });
    const template = templateOf(containerManifest('args: ["{{.InvolvedObjectNamespace}}"]'));
    expect(problems(renderTemplate({ alert, template }))).toEqual([
      'UnknownVariable InvolvedObjectNamespace spec.templates[0].container.args[0]',
    ]);
  });

  it.each([
    ['the detail', { node: 'detail' }, { kind: 'Node', name: 'object', node: 'field' }, 'detail'],
    ['else the node of the object', {}, { kind: 'Pod', name: 'object', node: 'field' }, 'field'],
    ['else the object when it is a Node', { node: '' }, { kind: 'Node', name: 'object', node: '' }, 'object'],
  ])('the value of node is taken from %s', (_, details, involvedObject, expected) => {
    const template = templateOf(containerManifest('args: ["{{.node}}"]'));
    expect(start(renderTemplate({ alert: alertOf(details, involvedObject), template }))).toMatchObject({
      container: { args: [expected] },
    });
  });

  it('a value of a user wins over the alert, and the alert over the default', () => {
    const template = templateOf(containerManifest('args: ["{{.a}}", "{{.b}}", "{{.c}}"]'), [
      { name: 'a', default: 'default' },
      { name: 'b', default: 'default' },
      { name: 'c', default: 'default' },
    ]);
    const alert = alertOf({ a: 'detail', b: 'detail', c: '' });
    expect(start(renderTemplate({ alert, template, parameters: { a: 'person' } }))).toMatchObject({
      container: { args: ['person', 'detail', 'default'] },
    });
    expect(problems(renderTemplate({ alert, template, parameters: { a: '' } }))).toEqual([
      'EmptyVariable a spec.templates[0].container.args[0]',
    ]);
  });

  it('parameters that the template does not declare and those that come from a Secret are refused', () => {
    const template = templateOf(cordonManifest, [{ name: 'token', secretRef: { name: 's', key: 'k' } }]);
    const result = renderTemplate({ alert: alertOf(), template, parameters: { nod: 'x', token: 'y' } });
    expect(problems(result)).toEqual(['UnknownParameter nod', 'SecretVariable token']);
  });

  it('every unknown variable is named at once, with its first place, and no other', () => {
    const result = render(containerManifest('args: ["{{.a}}", "{{.b}} {{.a}}", "{{.node}}"]', 'workingDir: "{{.c}}"'));
    expect(problems(result)).toEqual([
      'UnknownVariable a spec.templates[0].container.args[0]',
      'UnknownVariable b spec.templates[0].container.args[1]',
      'UnknownVariable c spec.templates[0].container.workingDir',
    ]);
    expect(messages(result)).toContain('nothing gives {{.a}} a value');
  });

  it('an optional variable without a value is rendered as nothing', () => {
    const result = render(containerManifest('args: ["a{{.v}}b"]'), {}, [{ name: 'v', required: false }]);
    expect(start(result)).toMatchObject({ container: { args: ['ab'] } });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'a.b', 'kubernetes.io/name'])(
    'the variable name %s has no special meaning',
    (name) => {
      const manifest = containerManifest(`args: ["{{.${name}}}"]`);
      expect(problems(render(manifest))).toEqual([`UnknownVariable ${name} spec.templates[0].container.args[0]`]);
      const details = JSON.parse(`{${JSON.stringify(name)}: "value"}`) as Record<string, string>;
      expect(start(render(manifest, details))).toMatchObject({ container: { args: ['value'] } });
    },
  );

  it('rendered text stays text, and gets a type only where the template says so', () => {
    expect(start(line('args: [{{.v}}, "{{.v}}"]', '123'))).toMatchObject({ container: { args: ['123', '123'] } });
    expect(start(line('args: [{{.v}}]', 'true'))).toMatchObject({ container: { args: ['true'] } });
    const typed = ['n: !!int "{{.v}}"', 'n: !!int {{.v}}', 'n: !!int 1{{.v}}', 'n: !!float {{.v}}'];
    expect(typed.map((text) => start(line(text, '5')))).toMatchObject([5, 5, 15, 5].map((n) => ({ container: { n } })));
    expect(start(line('n: !!int {{.v}}', '-5'))).toMatchObject({ container: { n: -5 } });
    expect(start(line('n: !!bool {{.v}}', 'false'))).toMatchObject({ container: { n: false } });
    expect(start(line('n: !!float {{.v}}', '1.5e3'))).toMatchObject({ container: { n: 1500 } });
  });

  it.each([
    ['int', '1.5'],
    ['int', '0x10'],
    ['int', '99999999999999999999'],
    ['int', ' 1'],
    ['float', 'Infinity'],
    ['float', '1e999'],
    ['bool', 'yes'],
    ['bool', '1'],
  ])('a value that is no %s is refused: %s', (type, value) => {
    expect(problems(line(`n: !!${type} {{.v}}`, value))).toEqual(['ValueRefused spec.templates[0].container.n']);
  });
});

describe('sections', () => {
  const section = 'args: ["a{{#.v}} --gpu={{.v}}{{/.v}}{{^.v}} none{{/.v}}"]';

  it.each([
    ['0', 'a --gpu=0'],
    ['', 'a none'],
    ['false', 'a none'],
  ])('a section is rendered depending on its variable: %j', (value, expected) => {
    expect(start(line(section, value))).toMatchObject({ container: { args: [expected] } });
  });

  it('a section with an unknown variable is left out, and needs no values for its content', () => {
    expect(start(render(containerManifest(section)))).toMatchObject({ container: { args: ['a none'] } });
    expect(start(render(containerManifest('args: ["a{{#.v}}{{.other}}{{/.v}}"]')))).toMatchObject({
      container: { args: ['a'] },
    });
  });

  it('Argo expressions within a section are kept', () => {
    const text = 'args: ["{{#.v}}{{inputs.parameters.x}}{{/.v}}-{{=workflow.name}}"]';
    expect(start(line(text, 'yes'))).toMatchObject({
      container: { args: ['{{inputs.parameters.x}}-{{=workflow.name}}'] },
    });
  });

  it.each([
    ['args: ["{{#.v}}"]', 'v'],
    ['args: ["{{/.v}}"]', 'v'],
    ['args: ["{{#.v}}{{#.w}}{{/.v}}{{/.w}}"]', 'v'],
    ['args: ["{{#.v}}", "{{/.v}}"]', 'v'],
  ])('a section that does not close within its value is refused: %s', (text, variable) => {
    expect(problems(line(text, 'x'))[0]).toMatch(new RegExp(`^SectionUnbalanced ${variable} `));
  });

  it('a section that spans several values is refused with that message', () => {
    const result = line('args:\n{{#.v}}\n- a\n{{/.v}}', 'x');
    expect(messages(result)).toContain('a section must open and close within one value');
  });
});
