import { describe, expect, it } from '@jest/globals';

import { thing, type Thing } from '../../test/kube/things.ts';
import type { Applied, ApplyOptions } from './resources.ts';
import { writeStatus } from './status.ts';

function setUp() {
  const written: { object: Applied<Thing>; options: ApplyOptions }[] = [];
  const applyStatus = (object: Applied<Thing>, options: ApplyOptions) => {
    written.push({ object, options });
    return Promise.resolve(thing('a', '2'));
  };
  return { client: { applyStatus }, written };
}

const fieldManager = 'test-status';

describe('writing a status', () => {
  it('writeStatus applies a status to the version that was read', async () => {
    const { client, written } = setUp();
    expect(await writeStatus(client, thing('a', '1'), { phase: 'Done' }, { fieldManager })).toBe(true);
    expect(written).toEqual([
      {
        object: {
          metadata: { namespace: 'ns', name: 'a', uid: 'uid-a', resourceVersion: '1' },
          status: { phase: 'Done' },
        },
        options: { fieldManager, force: true, metadataOnly: true },
      },
    ]);
  });

  it('writeStatus applies a status to any version if ifUnchanged is false', async () => {
    const { client, written } = setUp();
    await writeStatus(client, thing('a', '1'), { phase: 'Done' }, { fieldManager, ifUnchanged: false });
    expect(written[0]?.object.metadata).toEqual({ namespace: 'ns', name: 'a', uid: 'uid-a' });
  });

  it('writeStatus writes nothing when the object has the status already', async () => {
    const { client, written } = setUp();
    const object = thing('a', '1', { status: { phase: 'Done', list: ['x', 'y'] } });
    expect(await writeStatus(client, object, { list: ['x', 'y'], phase: 'Done' }, { fieldManager })).toBe(false);
    const absent = { phase: 'Done', list: ['x', 'y'], count: undefined } as object;
    expect(await writeStatus(client, object, absent, { fieldManager })).toBe(false);
    expect(written).toEqual([]);
  });

  it('writeStatus removes fields that are no longer wanted', async () => {
    const { client, written } = setUp();
    await writeStatus(
      client,
      thing('a', '1', { status: { phase: 'Done', count: 1 } }),
      { phase: 'Done' },
      { fieldManager },
    );
    expect(written.map(({ object }) => object.status)).toEqual([{ phase: 'Done' }]);
  });

  it('writeStatus changes only fields that it owns', async () => {
    const { client, written } = setUp();
    const object = thing('a', '1', { status: { phase: 'Done', count: 7 } });
    const options = { fieldManager, owns: ['phase', 'list'] as const };
    expect(await writeStatus(client, object, { phase: 'Done' }, options)).toBe(false);
    await writeStatus(client, object, { phase: 'Failed' }, options);
    expect(written.map(({ object: { status } }) => status)).toEqual([{ phase: 'Failed' }]);
    await expect(writeStatus(client, object, { count: 8 }, options)).rejects.toThrow('does not own status.count');
  });
});
