import { describe, expect, it } from '@jest/globals';
import { createJustCreated } from './just-created.ts';

function object(uid: string, resourceVersion: string) {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', uid, resourceVersion } };
}

describe('objects that this process just created', () => {
  it('an object that was just created is known for a short time, as long as it is unchanged', () => {
    let now = 5_000;
    const created = createJustCreated(() => now);
    expect(created.has(object('u', '1'))).toBe(false);
    created.note(object('u', '1'), 4_900);
    expect(created.has(object('u', '1'))).toBe(true);
    expect(created.has(object('u', '2'))).toBe(false);
    expect(created.has(object('other', '1'))).toBe(false);
    now = 5_900;
    expect(created.has(object('u', '1'))).toBe(false);
  });
});
