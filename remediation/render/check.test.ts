import { describe, expect, it } from '@jest/globals';
import {
  containerManifest,
  cordonManifest,
  scriptManifest,
  templateOf,
  type Parameters,
} from '../../test/builders/render-examples.ts';
import { checkTemplate } from './index.ts';

/** `reason path` of each problem of a manifest. */
function problems(manifest: string, parameters: Parameters = []): string[] {
  return checkTemplate(templateOf(manifest, parameters)).problems.map(({ reason, path, variable }) =>
    [reason, path ?? variable].filter(Boolean).join(' '),
  );
}

function messages(manifest: string): string {
  return checkTemplate(templateOf(manifest))
    .problems.map(({ message }) => message)
    .join('\n');
}

/** A Workflow with more lines at its top level or, when indented, in its spec. */
function workflow(...lines: string[]): string {
  return ['apiVersion: argoproj.io/v1alpha1', 'kind: Workflow', 'spec:', '  entrypoint: start', ...lines, ''].join(
    '\n',
  );
}

describe('checkTemplate', () => {
  it('checkTemplate lists the variables and makes a Workflow for a dry run', () => {
    const manifest = containerManifest(
      'args: ["{{.b}}", "{{.a}}{{#.c}} {{.d}}{{/.c}}", !!int "{{.n}}", !!bool "{{.o}}"]',
    );
    const check = checkTemplate(templateOf(manifest, [{ name: 'a', default: 'seven' }]));
    expect(check).toMatchObject({ variables: ['a', 'b', 'c', 'd', 'n', 'o'], problems: [], warnings: [] });
    expect(check.sample?.spec['templates']).toMatchObject([{ container: { args: ['x', 'seven x', 1, true] } }]);
  });

  it.each([
    ['another kind', 'apiVersion: v1\nkind: Pod\nspec: {entrypoint: a}', 'NotAWorkflow'],
    ['another version', cordonManifest.replace('io/v1alpha1', 'io/v2'), 'NotAWorkflow'],
    ['a WorkflowTemplate', cordonManifest.replace('kind: Workflow', 'kind: WorkflowTemplate'), 'NotAWorkflow'],
    ['a kind from a variable', cordonManifest.replace('kind: Workflow', 'kind: "{{.kind}}"'), 'NotAWorkflow'],
    ['nothing', '# nothing', 'NotAWorkflow'],
    ['a list', '- a', 'NotAWorkflow'],
    ['a status', workflow('status: {phase: Succeeded}'), 'NotAWorkflow status'],
    ['an operation', workflow('operation: {}'), 'NotAWorkflow operation'],
    ['no entrypoint', cordonManifest.replace('  entrypoint: start\n', ''), 'NotAWorkflow spec'],
    ['an empty spec', 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow', 'NotAWorkflow spec'],
    ['metadata that is no map', workflow('metadata: [a]'), 'NotAWorkflow metadata'],
    ['a label that is no text', workflow('metadata: {labels: {a: 1}}'), 'NotAWorkflow metadata.labels.a'],
    [
      'a typed annotation',
      workflow('metadata: {annotations: {a: !!int "{{.a}}"}}'),
      'NotAWorkflow metadata.annotations.a',
    ],
    [
      'a label of Aegis',
      workflow('metadata: {labels: {aegis.io/alert: x}}'),
      'NotAWorkflow metadata.labels["aegis.io/alert"]',
    ],
    [
      'the label by which Workflows of Aegis are selected',
      workflow('metadata: {labels: {app.kubernetes.io/managed-by: x}}'),
      'NotAWorkflow metadata.labels["app.kubernetes.io/managed-by"]',
    ],
    [
      'a label of Aegis by way of Argo',
      workflow('  workflowMetadata: {labelsFrom: {aegis.io/alert: {expression: "1"}}}'),
      'NotAWorkflow spec.workflowMetadata.labelsFrom["aegis.io/alert"]',
    ],
    ['a key that is no key', workflow('  __proto__: {polluted: true}'), 'NotAWorkflow spec'],
  ])('checkTemplate refuses %s', (_, manifest, expected) => {
    expect(problems(manifest)).toContain(expected);
  });

  it('checkTemplate accepts a reference to a WorkflowTemplate, labels, and names that are replaced anyway', () => {
    const manifest = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: a-, name: b, namespace: c, labels: {team: sre}, finalizers: [x]}
spec: {workflowTemplateRef: {name: "{{.node}}"}}`;
    const check = checkTemplate(templateOf(manifest));
    expect(check).toMatchObject({ problems: [], warnings: ['metadata.finalizers is ignored'] });
    expect(check.sample?.metadata).toEqual({ labels: { team: 'sre' }, annotations: {} });
  });

  it('checkTemplate warns of a pause that ends by itself', () => {
    const manifest = workflow('  templates:', '  - {name: a, suspend: {duration: 10m}}', '  - {name: b, suspend: {}}');
    expect(checkTemplate(templateOf(manifest)).warnings).toEqual([expect.stringContaining('suspend.duration')]);
  });

  it('checkTemplate turns the timeout into activeDeadlineSeconds unless the manifest has its own', () => {
    const deadline = (manifest: string, timeout: string): unknown =>
      checkTemplate(templateOf(manifest, [], { timeout })).sample?.spec['activeDeadlineSeconds'];
    expect(deadline(cordonManifest, '1h30m')).toBe(5400);
    expect(deadline(cordonManifest, '1.5s')).toBe(2);
    expect(deadline(workflow('  activeDeadlineSeconds: 60'), '1h')).toBe(60);
    expect(deadline(workflow('  activeDeadlineSeconds: null'), '1h')).toBe(3600);
    for (const timeout of ['0s', 'soon', '']) {
      expect(checkTemplate(templateOf(cordonManifest, [], { timeout })).problems).toMatchObject([
        { reason: 'TimeoutUnusable' },
      ]);
    }
  });

  it.each([
    ['(', 'is not a RE2 pattern'],
    ['(?=a)a', 'is not a RE2 pattern'],
    ['(a)\\1', 'is not a RE2 pattern'],
    ['((a?){60}){60}', 'RE2'],
    ['(a{60}){60}', 'RE2'],
    ['a{1000}b{1000}c{1000}', 'is too large'],
  ])('checkTemplate refuses the pattern %s', (pattern, message) => {
    const [found, ...others] = checkTemplate(templateOf(cordonManifest, [{ name: 'node', pattern }])).problems;
    expect([found?.reason, found?.variable, others]).toEqual(['PatternUnusable', 'node', []]);
    expect(found?.message).toMatch(new RegExp(`${message}|is too large`));
  });

  it('checkTemplate refuses a default that could never be used', () => {
    expect(problems(cordonManifest, [{ name: 'node', default: 'a b', pattern: 'a' }])).toEqual(['ValueRefused node']);
    expect(problems(cordonManifest, [{ name: 'node', default: '--all' }])).toEqual([
      'ValueRefused spec.templates[0].container.command[2]',
    ]);
    expect(problems(containerManifest('n: !!int "{{.n}}"'), [{ name: 'n', default: 'many' }])).toEqual([
      'ValueRefused spec.templates[0].container.n',
    ]);
    expect(problems(cordonManifest, [{ name: 'node', default: 'dev1' }])).toEqual([]);
  });

  it('checkTemplate reports all kinds of problems at once', () => {
    const manifest = scriptManifest('{{if .a}}\n{{.s}} {{#.b}}').replace('kind: Workflow', 'kind: Job');
    expect(problems(manifest, [{ name: 's', secretRef: { name: 'a', key: 'b' } }])).toEqual([
      'TagRefused spec.templates[0].container.args[0]',
      'SectionUnbalanced spec.templates[0].container.args[0]',
      'NotAWorkflow',
      'SecretVariable s',
    ]);
  });
});

describe('YAML', () => {
  const spec = (text: string): unknown => checkTemplate(templateOf(workflow(text))).sample?.spec;

  it('YAML is read as kubectl reads it where that is unambiguous', () => {
    const text = '  a: 0644\n  b: 0x1f\n  c: "0644"\n  d: 2020-01-01\n  e: ~\n  f: 1.50\n  g: 1e3\n  h: true\n  i: 08';
    expect(spec(text)).toMatchObject({
      ...{ a: 0o644, b: 31, c: '0644', d: '2020-01-01', e: null, f: 1.5, g: 1000, h: true, i: 8 },
    });
  });

  it('YAML may have anchors, aliases and merge keys, variables in them included', () => {
    const text = '  base: &base {a: 1, v: "{{.v}}"}\n  more: {<<: *base, b: 2}\n  again: [*base, *base]';
    expect(spec(text)).toMatchObject({
      more: { a: 1, v: 'x', b: 2 },
      again: [
        { a: 1, v: 'x' },
        { a: 1, v: 'x' },
      ],
    });
  });

  it.each([
    ['two documents', `${cordonManifest}---\na: 1\n`, 'exactly one YAML document'],
    ['a document after the end', `${cordonManifest}...\n---\na: 1\n`, 'exactly one YAML document'],
    ['the same key twice', workflow('  a: 1', '  a: 2'), 'line 6: Map keys must be unique'],
    ['keys that are no texts', workflow('  ? [a]', '  : 1'), 'keys must be strings'],
    ["Argo's braces without quotes", workflow('  a: {{inputs.parameters.x}}'), 'in quotes'],
    ['bytes', workflow('  a: !!binary aGk='), 'only !!int'],
    ['sets', workflow('  a: !!set {b}'), 'only !!int'],
    ['tags of its own', workflow('  a: !mine b'), 'only !!int'],
    ['a tag that lies', workflow('  a: !!int abc'), 'this is no int'],
    ['infinity', workflow('  a: .inf'), 'JSON cannot hold this number'],
    ['numbers that would be rounded', workflow('  a: 12345678901234567890'), 'JSON cannot hold this number'],
    ['an alias without anchor', workflow('  a: *b'), 'Unresolved alias'],
    ['a list within itself', workflow('  a: &a [*a]'), 'too large with its aliases expanded'],
    ['a map within itself', workflow('  a: &a {b: *a}'), 'too large with its aliases expanded'],
    ['a map merged into itself', workflow('  a: &a {<<: *a}'), ''],
  ])('YAML with %s is refused', (_, manifest, message) => {
    expect(problems(manifest)).not.toEqual([]);
    expect(messages(manifest)).toContain(message);
  });

  const many = Array.from({ length: 257 }, (_, index) => `{{.v${index}}}`).join('');
  const lists = Array.from({ length: 12 }, (_, index) => `  a${index}: [${'a,'.repeat(900)}]`);
  const wide = Array.from({ length: 1001 }, (_, index) => `  k${index}: 1`).join('\n');
  const bomb = 'bcdefgh'.split('').reduce(
    (text, letter, index) =>
      `${text}\n  ${letter}: &${letter} [${Array(9)
        .fill(`*${'abcdefgh'.charAt(index)}`)
        .join(',')}]`,
    '  a: &a [x,x,x,x,x,x,x,x,x]',
  );
  const long = `  a: &a "${'x'.repeat(20_000)}"\n  b: [${Array(90).fill('*a').join(',')}]`;
  const tags = `  a: &a "${'{{.v}}'.repeat(50)}"\n  b: [${Array(90).fill('*a').join(',')}]`;

  it.each([
    ['too long', `#${'x'.repeat(262_144)}`, 'characters'],
    ['too deep', workflow(`  a: ${'['.repeat(70)}${']'.repeat(70)}`), 'nested more than 64 deep'],
    ['nested without end', workflow(`  a: ${'['.repeat(40_000)}`), 'nested more than 64 deep'],
    ['too deep with explicit keys', workflow(`  a: ${'? '.repeat(20_000)}`), 'nested more than 64 deep'],
    ['too wide', workflow(wide), 'more than 1000 entries'],
    ['too many empty items', workflow(`  a:\n${'  -\n'.repeat(12_000)}`), 'more than 1000 entries'],
    ['too many keys', workflow(...lists), 'more than 5000 keys and values'],
    ['too many anchors', workflow(`  a: ${'&a '.repeat(20_000)}`), 'more than 5000 keys and values'],
    ['too much syntax', workflow(`  a: [${'[],'.repeat(30_000)}]`), 'more than 50000 words and signs'],
    ['too many aliases', workflow('  a: &a 1', `  b: [${'*a,'.repeat(101)}]`), 'more than 100 aliases'],
    ['aliases of aliases', workflow(bomb), 'aliases cannot be expanded'],
    ['aliases of long texts', workflow(long), 'too large with its aliases expanded'],
    ['aliases of tags', workflow(tags), 'too large with its aliases expanded'],
    ['too many tags', scriptManifest('{{.v}}'.repeat(1001)), 'more than 1000 tags'],
    ['too many variables', scriptManifest(many), '256 different variables'],
  ])('YAML that is %s is refused', (_, manifest, message) => {
    expect(problems(manifest)).toEqual(['TooLarge']);
    expect(messages(manifest)).toContain(message);
  });
});
