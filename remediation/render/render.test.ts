import { describe, expect, it } from '@jest/globals';
import type { TemplateParameter } from '../../crds/ops-template.ts';
import { alertOf, containerManifest, cordonManifest, scriptManifest, templateOf } from './examples.ts';
import { renderTemplate, type RenderResult } from './index.ts';

type Parameters = (Partial<TemplateParameter> & { name: string })[];

function render(manifest: string, details: Record<string, string> = {}, parameters: Parameters = []): RenderResult {
  return renderTemplate({ alert: alertOf(details), template: templateOf(manifest, parameters) });
}

/** The first template of a rendered Workflow, or the problems. */
function start(result: RenderResult): unknown {
  return result.ok ? (result.workflow.spec['templates'] as unknown[])[0] : result.problems;
}

/** `reason variable path` of each problem. */
function problems(result: RenderResult): string[] {
  if (result.ok) return [];
  return result.problems.map(({ reason, variable, path }) => [reason, variable, path].filter(Boolean).join(' '));
}

function messages(result: RenderResult): string {
  return result.ok ? '' : result.problems.map(({ message }) => message).join('\n');
}

/** One line of a container with {{.v}} in it. */
function line(text: string, value: string, parameters: Parameters = []): RenderResult {
  return render(containerManifest(text), { v: value }, parameters);
}

describe('the examples of the original', () => {
  it('renders the template of the README', () => {
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

  it('renders a shell variable, as in the dropcache example', () => {
    const script =
      "node={{.node}}\nfree -g\nnsenter -m/proc/1/ns/mnt -- /bin/sh -c 'echo 3 > /proc/sys/vm/drop_caches'";
    expect(start(render(scriptManifest(script), { node: 'dev1' }))).toMatchObject({
      container: { args: [`${script.replace('{{.node}}', 'dev1')}\n`] },
    });
  });

  it('renders a manifest within the manifest, as in the self-healing example', () => {
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

  it('accepts unquoted variables and blanks within the braces', () => {
    expect(start(line('workingDir: {{ .v }}', 'x'))).toMatchObject({ container: { workingDir: 'x' } });
    expect(start(line('env: [{name: A, value: {{.v}}}]', 'x'))).toMatchObject({ container: { env: [{ value: 'x' }] } });
  });
});

describe('values', () => {
  const manifest = containerManifest('args: ["{{.node}}", "{{.AlertName}}", "{{.InvolvedObjectName}}"]');

  it('never lets details stand in for what the alert is', () => {
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
  ])('takes node from %s', (_, details, involvedObject, expected) => {
    const template = templateOf(containerManifest('args: ["{{.node}}"]'));
    expect(start(renderTemplate({ alert: alertOf(details, involvedObject), template }))).toMatchObject({
      container: { args: [expected] },
    });
  });

  it('prefers what a person gives to the alert, and the alert to the default', () => {
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

  it('refuses parameters that the template does not know and those that come from a Secret', () => {
    const template = templateOf(cordonManifest, [{ name: 'token', secretRef: { name: 's', key: 'k' } }]);
    const result = renderTemplate({ alert: alertOf(), template, parameters: { nod: 'x', token: 'y' } });
    expect(problems(result)).toEqual(['UnknownParameter nod', 'SecretVariable token']);
  });

  it('names every unknown variable at once, the first place of each, and no other', () => {
    const result = render(containerManifest('args: ["{{.a}}", "{{.b}} {{.a}}", "{{.node}}"]', 'workingDir: "{{.c}}"'));
    expect(problems(result)).toEqual([
      'UnknownVariable a spec.templates[0].container.args[0]',
      'UnknownVariable b spec.templates[0].container.args[1]',
      'UnknownVariable c spec.templates[0].container.workingDir',
    ]);
    expect(messages(result)).toContain('nothing gives {{.a}} a value');
  });

  it('renders an optional variable without a value as nothing', () => {
    const result = render(containerManifest('args: ["a{{.v}}b"]'), {}, [{ name: 'v', required: false }]);
    expect(start(result)).toMatchObject({ container: { args: ['ab'] } });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'a.b', 'kubernetes.io/name'])(
    'treats %s as a name like any other',
    (name) => {
      const manifest = containerManifest(`args: ["{{.${name}}}"]`);
      expect(problems(render(manifest))).toEqual([`UnknownVariable ${name} spec.templates[0].container.args[0]`]);
      const details = JSON.parse(`{${JSON.stringify(name)}: "value"}`) as Record<string, string>;
      expect(start(render(manifest, details))).toMatchObject({ container: { args: ['value'] } });
    },
  );

  it('keeps a rendered text a text, and gives a type only where the template says so', () => {
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
  ])('refuses a value that is no %s: %s', (type, value) => {
    expect(problems(line(`n: !!${type} {{.v}}`, value))).toEqual(['ValueRefused spec.templates[0].container.n']);
  });
});

describe('sections', () => {
  const section = 'args: ["a{{#.v}} --gpu={{.v}}{{/.v}}{{^.v}} none{{/.v}}"]';

  it.each([
    ['0', 'a --gpu=0'],
    ['', 'a none'],
    ['false', 'a none'],
  ])('shows what depends on a variable: %j', (value, expected) => {
    expect(start(line(section, value))).toMatchObject({ container: { args: [expected] } });
  });

  it('takes an unknown variable for false and asks for no value in what is not shown', () => {
    expect(start(render(containerManifest(section)))).toMatchObject({ container: { args: ['a none'] } });
    expect(start(render(containerManifest('args: ["a{{#.v}}{{.other}}{{/.v}}"]')))).toMatchObject({
      container: { args: ['a'] },
    });
  });

  it('keeps Argo expressions within a section', () => {
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
  ])('refuses a section that does not close within its value: %s', (text, variable) => {
    expect(problems(line(text, 'x'))[0]).toMatch(new RegExp(`^SectionUnbalanced ${variable} `));
  });

  it('says so when a section spans several values', () => {
    const result = line('args:\n{{#.v}}\n- a\n{{/.v}}', 'x');
    expect(messages(result)).toContain('a section must open and close within one value');
  });
});

describe('what belongs to Argo', () => {
  it.each([
    '{{inputs.parameters.x}}',
    '{{ inputs.parameters.x }}',
    '{{workflow.name}}',
    '{{=sprig.trim(inputs.parameters.x) + "}"}}',
    "{{=item == 'a' || steps['x'].outputs.result}}",
    '{{item}}',
    '{{item.some key}}',
    '{{steps.a-b.outputs.parameters.end}}',
    '{{workflow.creationTimestamp.%Y-%m-%d %H}}',
    '{{retries}} {{pod.name}} {{tasks.if.status}}',
    "${A} $(B) {'a': {'b': {}}} }} %}",
  ])('passes byte for byte: %s', (text) => {
    const quoted = JSON.stringify(`{{.v}} ${text}`);
    expect(start(line(`args: [${quoted}]`, 'x'))).toMatchObject({ container: { args: [`x ${text}`] } });
  });

  it('cannot be given a variable from within', () => {
    expect(problems(line('args: ["{{=foo(\'{{.v}}\')}}"]', 'x'))).toContain(
      'VariableMisplaced v spec.templates[0].container.args[0]',
    );
    expect(problems(line('args: ["{{inputs.parameters.{{.v}}}}"]', 'x'))).toContain(
      'VariableMisplaced v spec.templates[0].container.args[0]',
    );
  });
});

describe('what is refused with a word on what to write instead', () => {
  it.each([
    ['{{if .v}}a{{end}}', 'Go template actions are not executed'],
    ['{{ range .items }}', 'Go template actions are not executed'],
    ['{{else}}', '{{#.name}}..{{/.name}}'],
    ['{{with .v}}', 'Go template actions'],
    ['{{define "x"}}', 'Go template actions'],
    ['{{template "x"}}', 'Go template actions'],
    ['{{block "x" .}}', 'Go template actions'],
    ['{{- .v }}', 'blanks are not trimmed'],
    ['{{.v -}}', 'blanks are not trimmed'],
    ['{{.v | quote}}', 'pipes do not exist here'],
    ['{{.v|quote}}', 'pipes do not exist here'],
    ['{{"{{"}}', "write Argo's"],
    ['{{`{{`}}', "write Argo's"],
    ['{{$x := .v}}', 'variables of Go templates'],
    ['{{printf "%s" .v}}', 'functions of Go templates'],
    ['{{default "x" .v}}', 'functions of Go templates'],
    ['{{(index .v 1)}}', 'functions of Go templates'],
    ['{{/* comment */}}', 'write a comment of YAML'],
    ['{{! comment }}', 'write a comment of YAML'],
    ['{{{.v}}}', 'two braces are enough'],
    ['{{{{.v}}}}', 'two braces are enough'],
    ['{{& .v}}', 'write {{.name}}'],
    ['{{> .v}}', 'partials do not exist'],
    ['{{=<% %>=}}', 'delimiters'],
    ['{{#v}}{{/v}}', 'with a dot'],
    ['{{.}}', 'write {{.name}}'],
    ['{{.1v}}', 'write {{.name}}'],
    ['{{.v w}}', 'write {{.name}}'],
    ['{{', 'never closed'],
  ])('%s', (text, message) => {
    const result = render(containerManifest(`args: [${JSON.stringify(text)}]`), { v: 'x' });
    expect(problems(result)[0]).toMatch(/^(TagRefused|VariableMisplaced)/);
    expect(messages(result)).toContain(message);
    expect(messages(result)).toContain('spec.templates[0].container.args[0]');
  });

  it('explains Go templates even where they are no YAML', () => {
    const result = line('args:\n{{if .v}}\n- a\n{{end}}', 'x');
    expect(problems(result)).toEqual(['TagRefused', 'TagRefused']);
    expect(messages(result)).toContain('line 10: {{if .v}}: Go template actions are not executed');
  });

  it('finds tags that are hidden in YAML escapes', () => {
    expect(problems(line('args: ["\\x7b\\x7bif .v}}"]', 'x'))).toEqual([
      'TagRefused spec.templates[0].container.args[0]',
    ]);
    expect(problems(line('args: ["\\uEF00&0\\uEF01{{.v}}"]', 'x'))).toEqual(['TagRefused']);
    expect(problems(line('args: ["\uEF00&0\uEF01"]', 'x'))).toEqual(['TagRefused']);
  });

  it('lets comments of YAML say what they like', () => {
    const result = line('# {{if .v}} {{.unknown}} {{\nargs: ["{{.v}}"]', 'x');
    expect(result).toMatchObject({ ok: true, variables: ['v'] });
  });
});

describe('where a value may land', () => {
  const strict = ['args: ["{{.v}}"]', 'command: ["{{.v}}"]', 'image2: {{.v}}', 'env: [{name: "{{.v}}", value: a}]'];
  const hostile = [
    'a b',
    'a;b',
    '$(id)',
    '`id`',
    'a\nb',
    "a'b",
    'a"b',
    'a|b',
    'a&b',
    'a>b',
    'ä',
    '--kubeconfig=/x',
    '-o',
    '@/etc/passwd',
    ':main',
    '+e',
    '=cmd',
    '..',
    '.',
    '/',
    'a/../../b',
    '{{workflow.name}}',
    'a'.repeat(254),
  ];

  it.each(strict)('refuses what could be more than a name: %s', (text) => {
    const place = text.startsWith('env') ? 'env[0].name' : text.replace(/:.*/s, '');
    for (const value of hostile) {
      const [found] = problems(line(text, value));
      expect([value, found]).toEqual([
        value,
        expect.stringContaining(`ValueRefused v spec.templates[0].container.${place}`),
      ]);
    }
  });

  it.each(['dev1', 'ip-10-0-0-1.ec2.internal', '/dev/sda', '0000:3b:00.0', 'a@b', 'a=b', 'a..b', 'v1.2+3'])(
    'accepts names: %s',
    (value) => {
      expect(start(line('args: ["{{.v}}"]', value))).toMatchObject({ container: { args: [value] } });
    },
  );

  it('accepts what the pattern of the parameter matches in full, everywhere', () => {
    const parameters = [{ name: 'v', pattern: '-?[a-z ]+' }];
    expect(start(line('args: ["{{.v}}"]', '-a b', parameters))).toMatchObject({ container: { args: ['-a b'] } });
    for (const value of ['A', 'a;', 'a\n', '\na']) {
      expect(problems(line('args: ["{{.v}}"]', value, parameters))).toHaveLength(1);
      expect(problems(line('env: [{name: A, value: "{{.v}}"}]', value, parameters))).toHaveLength(1);
    }
    expect(messages(line('args: ["{{.v}}"]', 'A', parameters))).toContain('does not match its pattern -?[a-z ]+');
  });

  it('lets free text into environment variables, annotations and raw artifacts only', () => {
    const text = 'it\'s "on" fire; `id` $HOME & {"a":{"b":1}}\n\tüß 🔥';
    const manifest = containerManifest('env: [{name: A, value: "{{.v}}"}]')
      .replace('spec:', 'metadata: {annotations: {about: "{{.v}}"}}\nspec:')
      .replace(
        '    container:',
        '    inputs: {artifacts: [{name: a, path: /a, raw: {data: "{{.v}}"}}]}\n    container:',
      );
    const result = render(manifest, { v: text });
    expect(start(result)).toMatchObject({
      container: { env: [{ name: 'A', value: text }] },
      inputs: { artifacts: [{ raw: { data: text } }] },
    });
    expect(result).toMatchObject({ workflow: { metadata: { annotations: { about: text } } } });
  });

  it.each([
    ['{{workflow.name}}', 'env: [{name: A, value: "{{.v}}"}]'],
    ['{', 'env: [{name: A, value: "{{.v}}{inputs.parameters.x}}"}]'],
    ['{{', 'env: [{name: A, value: "{{.v}}"}]'],
    ['}', 'env: [{name: A, value: "{{item}}{{.v}}"}]'],
    ['$(TOKEN)', 'env: [{name: A, value: "{{.v}}"}]'],
    ['(TOKEN)', 'env: [{name: A, value: "${{.v}}"}]'],
    ['a\u0000', 'env: [{name: A, value: "{{.v}}"}]'],
    ['a\r', 'env: [{name: A, value: "{{.v}}"}]'],
    ['a\u202E', 'env: [{name: A, value: "{{.v}}"}]'],
    ['\uD800', 'env: [{name: A, value: "{{.v}}"}]'],
    ['\uEF00&0\uEF01', 'env: [{name: A, value: "{{.v}}"}]'],
  ])('keeps %j out even of free text', (value, text) => {
    expect(problems(line(text, value))[0]).toMatch(/^ValueRefused/);
  });

  it('keeps values within their length', () => {
    expect(start(line('args: ["{{.v}}"]', 'x'.repeat(253)))).toMatchObject({ container: { args: ['x'.repeat(253)] } });
    expect(problems(line('env: [{name: A, value: "{{.v}}"}]', 'x'.repeat(8192)))).toEqual([]);
    expect(problems(line('env: [{name: A, value: "{{.v}}"}]', 'x'.repeat(8193)))).toHaveLength(1);
  });

  it('keeps operators out even when a pattern lets them through', () => {
    const parameters = [{ name: 'v', pattern: '(?s).*' }];
    for (const value of ['{{workflow.name}}', '$(TOKEN)']) {
      expect(problems(line('args: ["{{.v}}"]', value, parameters))).toEqual([
        'ValueRefused spec.templates[0].container.args[0]',
      ]);
    }
    expect(start(line('args: ["{{.v}}"]', 'a; $HOME\n', parameters))).toMatchObject({
      container: { args: ['a; $HOME\n'] },
    });
  });

  it('asks for a plain operand where Argo evaluates an expression', () => {
    const manifest = cordonManifest.replace('    retryStrategy:', '    when: "{{.v}} == critical"\n    retryStrategy:');
    expect(problems(render(manifest, { v: 'a==a', node: 'n' }))).toEqual(['ValueRefused v spec.templates[0].when']);
    expect(start(render(manifest, { v: 'critical', node: 'n' }))).toMatchObject({ when: 'critical == critical' });
  });

  it('does not let a value name another environment variable', () => {
    expect(problems(line('env: [{name: A, value: "$(X_{{.v}})"}]', 'TOKEN'))).toEqual([
      'VariableMisplaced v spec.templates[0].container.env[0].value',
    ]);
    expect(start(line('args: ["$(kubectl get node {{.v}})"]', 'dev1'))).toMatchObject({
      container: { args: ['$(kubectl get node dev1)'] },
    });
  });

  it('refuses variables in keys', () => {
    expect(problems(line('resources: {"{{.v}}": 1}', 'x'))).toEqual([
      'VariableMisplaced spec.templates[0].container.resources',
    ]);
  });

  it('never puts a Secret into the manifest', () => {
    const parameters = [{ name: 'v', secretRef: { name: 's', key: 'k' } }];
    const result = line('args: ["{{.v}}"]', 'x', parameters);
    expect(problems(result)).toEqual(['SecretVariable v']);
    expect(messages(result)).toContain('valueFrom.secretKeyRef');
  });

  it('never repeats a value of the alert in a problem', () => {
    expect(messages(line('args: ["{{.v}}"]', 'hunter2 <!channel>'))).not.toMatch(/hunter2|channel/);
    expect(messages(line('n: !!int {{.v}}', 'hunter2'))).not.toContain('hunter2');
  });
});
