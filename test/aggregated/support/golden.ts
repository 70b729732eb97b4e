import { expect } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Compares with the committed file; `UPDATE_GOLDEN=1` writes it instead, to be read in the diff. */
export async function expectGolden(file: string, text: string): Promise<void> {
  const full = path.join(import.meta.dirname, '..', 'golden', file);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(full, text);
  expect(text).toBe(await readFile(full, 'utf8'));
}
