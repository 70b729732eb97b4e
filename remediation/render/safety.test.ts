import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alertOf, templateOf } from '../../test/builders/render-examples.ts';
import { checkTemplate, renderTemplate, workflowManifest, type RenderResult } from './index.ts';

/** Each place once; the leaves are `before + value + after` for the test to compute on its own. */
const leaves = {
  strict: 'x-{{.a}}/{{inputs.parameters.p}} {{.b}}',
  environment: '{"text":"{{.c}}"} {{.d}} {',
  data: 'about {{.e}}: {{.f}}',
  section: '{{#.g}}yes {{workflow.name}}{{/.g}}{{^.g}}no{{/.g}}',
};
const manifest = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  annotations:
    about: ${JSON.stringify(leaves.data)}
spec:
  entrypoint: start
  templates:
  - name: start
    script:
      image: busybox
      source: ${JSON.stringify(leaves.strict)}
      env:
      - {name: TEXT, value: ${JSON.stringify(leaves.environment)}}
      - {name: PLAIN, value: {{.c}}}
    section: ${JSON.stringify(leaves.section)}
    count: !!int "{{.h}}"
`;
const names = 'abcdefgh'.split('');
const strictly = /^[A-Za-z0-9._/][A-Za-z0-9._:/@=+-]{0,252}$/;

const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));
const pieces = [
  ...[
    '{',
    '}',
    '{{',
    '}}',
    '{{workflow.name}}',
    '{{=1}}',
    '{{.a}}',
    '{{#.a}}',
    '$',
    '(',
    '$(X)',
    '\n',
    '\r',
    '\t',
    '\0',
  ],
  ...['"', "'", '\\', ': ', '- ', '# ', '---\n', '&a ', '*a', '!!int 1', '? ', '|', '>', '%', '[', ']', ',', '<<: *a'],
  ...[
    '\uEF00',
    '\uEF01',
    '\uEF00&0\uEF01',
    '\u2028',
    '\u202E',
    '\uFEFF',
    '\uD800',
    '🔥',
    '__proto__',
    'dev1',
    '7',
    'true',
    'null',
  ],
];
const joined = fc.array(fc.constantFrom(...pieces), { maxLength: 5 }).map((parts) => parts.join(''));
const tame = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,8}$/);
/** Almost a name. */
const spoilt = fc.tuple(
  fc.constantFrom('-', '--', '@', '../', '', 'a'),
  fc.constantFrom(...pieces, ';', '&', '|', ' ', ''),
  tame,
);
const strange = fc.oneof(
  anyUnits,
  joined,
  spoilt.map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const text = fc.oneof({ weight: 5, arbitrary: tame }, { weight: 1, arbitrary: strange });
const integer = fc.integer({ min: -999, max: 999 }).map(String);
const number = fc.oneof({ weight: 9, arbitrary: integer }, { weight: 1, arbitrary: text });
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', 'AlertName', 'hasOwnProperty'));

/** Details in the form of a parsed body: any key may be an own property. */
const details = fc
  .tuple(fc.array(fc.tuple(key, text), { maxLength: 4 }), fc.tuple(text, text, text, text, text, text, text, number))
  .map(([others, values]) => {
    const entries = [...others, ...values.map((value, index): [string, string] => [names[index]!, value])];
    const fields = new Map(entries.map(([name, value]) => [JSON.stringify(name), JSON.stringify(value)]));
    return JSON.parse(`{${[...fields].map((field) => field.join(':')).join(',')}}`) as Record<string, string>;
  });

function render(values: Record<string, string>, template = manifest): RenderResult {
  return renderTemplate({ alert: alertOf(values), template: templateOf(template) });
}

/** Keys, lengths and types, without the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([name, item]) => [name, shapeOf(item)]);
}

function filled(leaf: string, values: Record<string, string>): string {
  return leaf.replaceAll(/\{\{\.([a-z])\}\}/g, (_, name: string) => values[name] ?? '');
}

describe('arbitrary details', () => {
  it('arbitrary details become problems, or a Workflow of the same shape whose leaves hold nothing but the values', () => {
    const harmless = render(Object.fromEntries(names.map((name) => [name, '1'])));
    if (!harmless.ok) throw new Error(JSON.stringify(harmless.problems));
    let rendered = 0;
    const property = fc.property(details, (values) => {
      const result = render(values);
      if (!result.ok) {
        expect(result.problems.length).toBeGreaterThan(0);
        return;
      }
      rendered += 1;
      expect(shapeOf(result.workflow)).toEqual(shapeOf(harmless.workflow));
      const shown = values['g'] !== '' && values['g'] !== 'false';
      const own = structuredClone(harmless.workflow);
      own.metadata.annotations['about'] = filled(leaves.data, values);
      (own.spec['templates'] as unknown[])[0] = {
        name: 'start',
        script: {
          image: 'busybox',
          source: filled(leaves.strict, values),
          env: [
            { name: 'TEXT', value: filled(leaves.environment, values) },
            { name: 'PLAIN', value: values['c'] },
          ],
        },
        section: shown ? 'yes {{workflow.name}}' : 'no',
        count: Number(values['h']),
      };
      expect(result.workflow).toEqual(own);
      for (const name of ['a', 'b']) expect(values[name]).toMatch(strictly);
      const reached = 'abcdefh'.split('').map((name) => values[name] ?? '');
      for (const value of reached) expect(value).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cs}]|[\uEF00\uEF01\u202E\u2028]/u);
      expect(values['h']).toMatch(/^-?[0-9]+$/);
      const written = workflowManifest(result.workflow, { name: 'n', namespace: 'ns', labels: {}, finalizers: [] });
      // As Argo sees it: the template's own expressions and no other.
      const expressions = ['{{inputs.parameters.p}}', ...(shown ? ['{{workflow.name}}'] : [])];
      expect(written.match(/\{\{[^]*?\}\}/g)).toEqual(expressions);
      expect(JSON.stringify(result.workflow.spec)).not.toContain('$(');
      expect(JSON.parse(written)).toHaveProperty('spec.templates.0.script.image', 'busybox');
    });
    fc.assert(property, { numRuns: 1500 });
    expect(rendered).toBeGreaterThan(200);
  });

  it('arbitrary details never reach a prototype', () => {
    const before = Reflect.ownKeys(Object.prototype).length;
    fc.assert(
      fc.property(key, text, (name, value) => {
        render(JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as Record<string, string>);
        expect(Reflect.ownKeys(Object.prototype)).toHaveLength(before);
      }),
    );
  });
});

describe('arbitrary manifests', () => {
  const fragments = [
    ...[
      '{{.a}}',
      '{{#.a}}',
      '{{/.a}}',
      '{{^.b}}',
      '{{/.b}}',
      '{{inputs.parameters.p}}',
      '{{=x}}',
      '{{if .a}}',
      '{{',
      '}}',
      '{',
    ],
    ...[
      '}',
      '$(',
      ')',
      '$',
      '&x ',
      '*x',
      '!!int ',
      '!!bool ',
      '!!str ',
      '? ',
      ': ',
      '- ',
      '|\n      ',
      '"',
      "'",
      '[',
      ']',
      ',',
    ],
    ...[
      '\n    ',
      '\n      ',
      '\n---\n',
      'key: ',
      'env: ',
      'value: ',
      'name: ',
      '<<: ',
      '__proto__: ',
      '# ',
      '%TAG ! x\n',
      '{{.b}}',
    ],
  ];
  const body = fc
    .array(fc.oneof(fc.constantFrom(...fragments), anyUnits), { maxLength: 14 })
    .map((parts) => parts.join(''));
  const whole = fc.oneof(
    body,
    body.map(
      (end) => `apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  entrypoint: start\n  more:\n    ${end}\n`,
    ),
  );

  it.each([
    '\uD800k: {{.a}}',
    'k: "\uD800"',
    '\0',
    '\uFEFF',
    '%TAG ! x',
    '!',
    '*a',
    '&a',
    '? ',
    '- - -',
    '"',
    '{',
    '|',
    '>9',
    '...',
  ])('a manifest with the end %j is rendered or refused without an exception', (end) => {
    for (const template of [
      end,
      `apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  entrypoint: a\n  ${end}`,
    ]) {
      expect(() => render({ a: 'x' }, template)).not.toThrow();
    }
  });

  it('arbitrary manifests never throw, and never get another shape from other values', () => {
    let compared = 0;
    const property = fc.property(whole, text, text, (template, a, b) => {
      expect(checkTemplate(templateOf(template)).variables).toBeInstanceOf(Array);
      const harmless = render({ a: '1', b: '1' }, template);
      const result = render({ a, b }, template);
      if (!harmless.ok || !result.ok) return;
      compared += 1;
      expect(shapeOf(result.workflow)).toEqual(shapeOf(harmless.workflow));
    });
    fc.assert(property, { numRuns: 2000 });
    expect(compared).toBeGreaterThan(100);
  });
});
