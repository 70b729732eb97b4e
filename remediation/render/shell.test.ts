import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alertOf, containerManifest, templateOf } from '../../test/builders/render-examples.ts';
import { renderTemplate } from './index.ts';

interface Container {
  args: [string];
  env?: { name: string; value: string }[];
}

const script = [
  "printf '%s\\n' begin {{.v}} 'single {{.v}}' \"double {{.v}}\" --flag={{.v}}",
  'node={{.v}}',
  'printf \'%s\\n\' "$node" "$SUMMARY" end',
];
const manifest = containerManifest(
  'env: [{name: SUMMARY, value: "{{.summary}}"}]',
  'args:',
  '- |',
  ...script.map((line) => `  ${line}`),
);

/** Texts that an attacker would try, and pieces to combine into more of them. */
const pieces = [
  ...['; touch canary', '$(touch canary)', '`touch canary`', '\ntouch canary\n', '| touch canary', '&& touch canary'],
  ...[
    "'; touch canary; '",
    '"; touch canary; "',
    '\\',
    '*',
    '?',
    '~',
    '$HOME',
    '${HOME}',
    '!!',
    '<(touch canary)',
    '>canary',
  ],
  ...[
    ...[';>canary', 'a;b', '&', '|cat', 'a&&b'],
    '#',
    '--help',
    '-n',
    '%s',
    '%n',
    '{a,b}',
    '[a-z]',
    ' ',
    '\t',
    'dev1',
    'a',
    '0',
    '.',
    '/',
    '@',
    '=',
    ':',
    '-',
    '_',
    '+',
  ],
];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => parts.join('')),
  fc.stringMatching(/^[A-Za-z0-9._:/@=+-]{1,20}$/),
);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'render-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function containerOf(v: string, summary: string): Container | undefined {
  const result = renderTemplate({ alert: alertOf({ v, summary }), template: templateOf(manifest) });
  if (!result.ok) return undefined;
  const [template] = result.workflow.spec['templates'] as [{ container: Container }];
  return template.container;
}

function run({ args, env = [] }: Container): string {
  const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const shell = spawnSync('/bin/sh', ['-c', args[0]], { cwd: directory, env: { ...variables }, encoding: 'utf8' });
  return `${shell.stdout}${shell.stderr}`;
}

function expected(v: string, summary: string): string {
  return [`begin`, v, `single ${v}`, `double ${v}`, `--flag=${v}`, v, summary, 'end', ''].join('\n');
}

describe('a rendered script in a real shell', () => {
  it('a rendered script in a real shell prints exactly the words of the values and does nothing else', () => {
    let ran = 0;
    const property = fc.property(hostile, hostile, (v, summary) => {
      const container = containerOf(v, summary);
      if (container === undefined) return;
      ran += 1;
      expect(run(container)).toBe(expected(v, summary));
      expect(readdirSync(directory)).toEqual([]);
    });
    fc.assert(property, { numRuns: 600 });
    expect(ran).toBeGreaterThan(100);
  });

  it.each(pieces.filter((piece) => piece.includes('canary')))(
    'a rendered script runs no command in an environment variable: %j',
    (piece) => {
      const container = containerOf('dev1', piece);
      const refused = piece.includes('$(');
      expect(container === undefined).toBe(refused);
      if (container === undefined) return;
      expect(run(container)).toBe(expected('dev1', piece));
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  it('the test detects an injection: the same script filled without a check runs the injected command', () => {
    const text = script.join('\n').replaceAll('{{.v}}', '; touch canary;');
    run({ args: [text] });
    expect(readdirSync(directory)).toEqual(['canary']);
  });
});
