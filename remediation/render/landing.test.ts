import { describe, expect, it } from '@jest/globals';
import {
  containerManifest,
  cordonManifest,
  line,
  messages,
  problems,
  render,
  start,
} from '../../test/builders/render-examples.ts';

describe('the place of a value in a manifest', () => {
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

  it.each(strict)('a strict place refuses a value that could be more than a name: %s', (text) => {
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
    'a strict place accepts the name %s',
    (value) => {
      expect(start(line('args: ["{{.v}}"]', value))).toMatchObject({ container: { args: [value] } });
    },
  );

  it('a value that matches the pattern of its parameter in full is accepted in every place', () => {
    const parameters = [{ name: 'v', pattern: '-?[a-z ]+' }];
    expect(start(line('args: ["{{.v}}"]', '-a b', parameters))).toMatchObject({ container: { args: ['-a b'] } });
    for (const value of ['A', 'a;', 'a\n', '\na']) {
      expect(problems(line('args: ["{{.v}}"]', value, parameters))).toHaveLength(1);
      expect(problems(line('env: [{name: A, value: "{{.v}}"}]', value, parameters))).toHaveLength(1);
    }
    expect(messages(line('args: ["{{.v}}"]', 'A', parameters))).toContain('does not match its pattern -?[a-z ]+');
  });

  it('free text is allowed in environment variables, annotations and raw artifacts only', () => {
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
  ])('the value %j is refused even as free text', (value, text) => {
    expect(problems(line(text, value))[0]).toMatch(/^ValueRefused/);
  });

  it('values have a maximum length', () => {
    expect(start(line('args: ["{{.v}}"]', 'x'.repeat(253)))).toMatchObject({ container: { args: ['x'.repeat(253)] } });
    expect(problems(line('env: [{name: A, value: "{{.v}}"}]', 'x'.repeat(8192)))).toEqual([]);
    expect(problems(line('env: [{name: A, value: "{{.v}}"}]', 'x'.repeat(8193)))).toHaveLength(1);
  });

  it('a long value is not matched with a large pattern', () => {
    const parameters = [{ name: 'v', pattern: '[a-z]{1,1000}' }];
    expect(problems(line('args: ["{{.v}}"]', 'x'.repeat(300), parameters))).toEqual([]);
    const result = line('args: ["{{.v}}"]', 'x'.repeat(8000), parameters);
    expect(messages(result)).toContain('is too long to be matched with its pattern');
  });

  it('a Workflow that is too large to be stored is not made', () => {
    const result = line(`env: [{name: A, value: "${'{{.v}}'.repeat(100)}"}]`, 'x'.repeat(8000));
    expect(problems(result)).toEqual(['TooLarge']);
  });

  it('operators are refused even when a pattern allows them', () => {
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

  it('a value must be a plain operand where Argo evaluates an expression', () => {
    const manifest = cordonManifest.replace('    retryStrategy:', '    when: "{{.v}} == critical"\n    retryStrategy:');
    expect(problems(render(manifest, { v: 'a==a', node: 'n' }))).toEqual(['ValueRefused v spec.templates[0].when']);
    expect(start(render(manifest, { v: 'critical', node: 'n' }))).toMatchObject({ when: 'critical == critical' });
  });

  it('a value cannot name another environment variable', () => {
    expect(problems(line('env: [{name: A, value: "$(X_{{.v}})"}]', 'TOKEN'))).toEqual([
      'VariableMisplaced v spec.templates[0].container.env[0].value',
    ]);
    expect(start(line('args: ["$(kubectl get node {{.v}})"]', 'dev1'))).toMatchObject({
      container: { args: ['$(kubectl get node dev1)'] },
    });
  });

  it('variables in keys are refused', () => {
    expect(problems(line('resources: {"{{.v}}": 1}', 'x'))).toEqual([
      'VariableMisplaced spec.templates[0].container.resources',
    ]);
  });

  it('a Secret is never written to the manifest', () => {
    const parameters = [{ name: 'v', secretRef: { name: 's', key: 'k' } }];
    const result = line('args: ["{{.v}}"]', 'x', parameters);
    expect(problems(result)).toEqual(['SecretVariable v']);
    expect(messages(result)).toContain('valueFrom.secretKeyRef');
  });

  it('a problem never repeats a value of the alert', () => {
    expect(messages(line('args: ["{{.v}}"]', 'hunter2 <!channel>'))).not.toMatch(/hunter2|channel/);
    expect(messages(line('n: !!int {{.v}}', 'hunter2'))).not.toContain('hunter2');
  });
});
