import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { exampleAlert } from './example.ts';

it('the example sends the alert of the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, shown = ''] = /\/default\/alert -d '([^']+)'/.exec(readme) ?? [];
  expect(JSON.parse(exampleAlert())).toEqual(JSON.parse(shown));
});
