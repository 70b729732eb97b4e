import { describe, expect, it } from '@jest/globals';
import { createDeadLetters, type DeadLetterBox, type DeadLetterStore } from './dead-letters.ts';

/** A ConfigMap in memory. */
function box() {
  let held: DeadLetterBox | undefined;
  let version = 0;
  const store: DeadLetterStore = {
    read: () => Promise.resolve(held && { ...held }),
    write: ({ entries, resourceVersion }) => {
      if (resourceVersion !== held?.resourceVersion) return Promise.resolve(false);
      version += 1;
      held = { entries, resourceVersion: String(version) };
      return Promise.resolve(true);
    },
  };
  return { store, texts: () => Object.values(held?.entries ?? {}) };
}

function letters(store: DeadLetterStore) {
  const kept: string[] = [];
  const failures: number[] = [];
  let now = Date.parse('2026-03-01T12:00:00Z');
  const dead = createDeadLetters({
    store,
    now: () => new Date((now += 1)),
    onKept: ({ reason }) => void kept.push(reason),
    onFailure: (count) => void failures.push(count),
  });
  const add = (content: string) => {
    dead.add({ source: 'default', reason: 'BodyUnreadable', message: 'no JSON', content });
  };
  return { add, flush: () => dead.flush(), kept, failures };
}

describe('dead letters', () => {
  it('dead letters are stored with their content, without credentials', async () => {
    const { store, texts } = box();
    const { add, flush, kept } = letters(store);
    add('Authorization: Bearer abcdefghijklmnop https://user:pass@host/');
    await flush();
    expect(JSON.parse(texts()[0] ?? '')).toMatchObject({
      source: 'default',
      reason: 'BodyUnreadable',
      message: 'no JSON',
    });
    expect(texts()[0]).not.toMatch(/abcdefghijklmnop|pass/);
    expect(kept).toEqual(['BodyUnreadable']);
  });

  it('the newest fifty dead letters of at most 4 KiB are kept', async () => {
    const { store, texts } = box();
    const { add, flush } = letters(store);
    for (let n = 0; n < 70; n += 1) add(`${n} ${'\u0001ü'.repeat(5_000)}`);
    await flush();
    for (let n = 70; n < 90; n += 1) add(String(n));
    await flush();
    expect(texts()).toHaveLength(50);
    expect(texts().at(-1)).toContain('"content":"89"');
    expect(texts()[0]).toContain('"content":"40 ');
    for (const text of texts()) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
  });

  it('dead letters of replicas do not overwrite each other', async () => {
    const { store, texts } = box();
    const replicas = [letters(store), letters(store), letters(store)];
    for (const { add } of replicas) for (let n = 0; n < 5; n += 1) add(String(n));
    await Promise.all(replicas.map(({ flush }) => flush()));
    expect(texts()).toHaveLength(15);
  });

  it('dead letters that cannot be stored are counted', async () => {
    const { add, flush, failures } = letters({
      read: () => Promise.reject(new Error('no rights')),
      write: () => Promise.resolve(true),
    });
    add('a');
    add('b');
    await flush();
    expect(failures).toEqual([2]);
  });
});
