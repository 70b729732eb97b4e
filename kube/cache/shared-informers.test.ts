import { describe, expect, it } from '@jest/globals';
import { fakeRest } from '../../test/fakes/rest-client.ts';
import { createFakeClock } from '../../test/kube/fake-clock.ts';
import { createFakeLogger } from '../../test/kube/things.ts';
import { createRegistry } from '../../process/metrics.ts';
import { configMaps } from '../kinds/config-map.ts';
import { nodes } from '../kinds/node.ts';
import { createKubeMetrics } from '../metrics.ts';
import { SharedInformers } from './shared-informers.ts';

/** An API server that has one node and no watch: lists succeed for the kinds that it serves. */
function shared(served: readonly string[] = ['nodes', 'configmaps']) {
  const paths: string[] = [];
  const clock = createFakeClock();
  const informers = new SharedInformers({
    rest: fakeRest(({ path }) => {
      paths.push(path);
      if (!served.some((plural) => path.endsWith(plural))) return Promise.reject(new Error('not found'));
      return Promise.resolve({ metadata: { resourceVersion: '1' }, items: [] });
    }),
    metrics: createKubeMetrics(createRegistry()),
    logger: createFakeLogger(),
    clock,
  });
  return { informers, paths, clock };
}

describe('shared informers', () => {
  it('one informer is created for a kind, however often it is asked for', () => {
    const { informers } = shared();
    expect(informers.of(nodes)).toBe(informers.of(nodes));
    expect(informers.of(configMaps, { name: 'front-proxy' })).not.toBe(informers.of(configMaps));
  });

  it('only required informers are started', async () => {
    const { informers, paths } = shared();
    informers.of(nodes);
    informers.of(configMaps);
    informers.require('nodes');
    await informers.runnable.start();
    await informers.waitFor(['nodes']).start();
    expect(paths).toEqual(['/api/v1/nodes']);
    await informers.runnable.stop();
  });

  it('readiness fails for a needed kind that is not listed and warns about an optional one', async () => {
    const { informers } = shared(['nodes']);
    informers.of(nodes);
    informers.of(configMaps);
    informers.require('nodes', 'configmaps');
    const check = informers.synced(['nodes'], ['configmaps']);
    expect(() => check.check()).toThrow('not listed yet: nodes');
    await informers.runnable.start();
    await informers.waitFor(['nodes']).start();
    expect(check.check()).toBe('not listed yet: configmaps');
    await informers.runnable.stop();
  });

  it('liveness covers every started informer', async () => {
    const { informers, clock } = shared();
    informers.of(nodes);
    informers.of(configMaps);
    informers.require('nodes', 'configmaps');
    expect(informers.alive.check()).toBeUndefined();
    await clock.advance(11 * 60_000);
    expect(() => informers.alive.check()).toThrow('no activity in the watches of nodes, configmaps');
  });
});
