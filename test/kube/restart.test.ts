import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { createInformer } from '../../kube/cache/informer.ts';
import { newThing, startFixture, type Fixture } from './cluster.ts';
import { createFakeLogger, until } from './things.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
}, 120_000);
afterAll(() => fixture.stop(), 60_000);

/** Repeats what fails; a conflict means that an earlier attempt got through. */
async function insist(act: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if ((error as { retry?: { kind: string } }).retry?.kind === 'conflict') return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

it('an informer misses no change while kube-apiserver is killed twice', async () => {
  const stop = new AbortController();
  const informer = createInformer(fixture.things, { logger: createFakeLogger() });
  const seen = new Map<string, string[]>();
  informer.onChange(({ type, object }) => {
    const { name } = object.metadata;
    seen.set(name, [...(seen.get(name) ?? []), type]);
  });
  const done = informer.start(stop.signal);
  await informer.synced;

  const count = 300;
  for (let i = 0; i < count; i++) {
    if (i === 100 || i === 200) fixture.cluster.kill('kube-apiserver', 'SIGKILL');
    await insist(() => fixture.things.create(newThing(`a${i}`)));
    if (i % 3 === 1)
      await insist(() => fixture.things.patch({ namespace: 'ns', name: `a${i}` }, { spec: { value: 'y' } }));
    if (i % 3 === 2) await insist(() => fixture.things.delete({ namespace: 'ns', name: `a${i - 1}` }));
  }
  const { items } = await fixture.things.list();
  const stored = items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();
  const cached = () => informer.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
  await until(() => cached().sort().join() === stored.join());

  expect(items).toHaveLength(200);
  for (let i = 0; i < count; i++) {
    const changes = seen.get(`a${i}`);
    // Objects that were created and deleted while no watch was possible are in neither.
    if (changes === undefined) expect(i % 3).toBe(1);
    else expect([changes[0], changes.at(-1)]).toEqual(['added', i % 3 === 1 ? 'deleted' : 'added']);
  }
  stop.abort();
  await done;
}, 180_000);
