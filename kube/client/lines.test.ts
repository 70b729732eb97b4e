import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { lines } from './lines.ts';

async function linesOf(chunks: Buffer[]): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines(chunks as unknown as AsyncIterable<Buffer>)) found.push(line);
  return found;
}

describe('lines', () => {
  it('lines are complete wherever the chunks are cut, also within a character', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((line) => !line.includes('\n'));
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(fc.nat(200)), async (expected, cuts) => {
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''));
        const at = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
        const chunks = at.slice(1).map((to, i) => bytes.subarray(at[i], to));
        expect(await linesOf(chunks)).toEqual(expected.map((line) => Buffer.from(line).toString()));
      }),
    );
  });

  it('lines can be megabytes long', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const [line] = await linesOf([...Array.from({ length: 64 }, () => chunk), Buffer.from('\n')]);
    expect(line?.length).toBe(4 * 1024 * 1024);
  });

  it('an incomplete last line is dropped', async () => {
    expect(await linesOf([Buffer.from('{"a":1}\n{"b"')])).toEqual(['{"a":1}']);
  });
});
