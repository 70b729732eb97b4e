import { beforeEach, describe, expect, it } from '@jest/globals';
import { anAlert } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { RemediationWorld } from '../../test/fakes/remediation-world.ts';
import type { Acquirable } from './acquire.ts';

let world: RemediationWorld;
let done: string[];

function acquirable(name: string, free = () => true): Acquirable {
  return {
    name,
    acquire: () => {
      done.push(`acquire ${name}`);
      return Promise.resolve(free() ? undefined : { reason: 'ResourceBusy', message: `${name} is held by another` });
    },
    release: () => Promise.resolve(void done.push(`release ${name}`)),
  };
}

beforeEach(() => {
  world = new RemediationWorld(anAlert(), planned());
  done = [];
});

describe('what an attempt holds', () => {
  it('is taken before its Workflow is created and let go after its outcome is on record', async () => {
    world.acquirables = [acquirable('budget'), acquirable('target')];
    await reconcileIn(world);
    expect(world.created).toBe(1);
    world.run('Running');
    await reconcileIn(world);
    expect(done).toEqual(['acquire budget', 'acquire target']);
    world.run('Succeeded');
    await reconcileIn(world);
    expect(world.remediation?.status?.phase).toBe('Succeeded');
    expect(done.slice(2)).toEqual(['release target', 'release budget']);
  });

  it('is all or nothing, and the attempt waits until it can be had', async () => {
    let free = false;
    world.acquirables = [acquirable('budget'), acquirable('target', () => free)];
    await reconcileIn(world);
    expect(done).toEqual(['acquire budget', 'acquire target', 'release budget']);
    expect(world.created).toBe(0);
    expect(world.remediation?.status).toMatchObject({ phase: 'Blocked', reason: 'ResourceBusy' });
    free = true;
    await reconcileIn(world);
    expect(world.created).toBe(1);
  });

  it('is let go when the Workflow cannot be created', async () => {
    world.acquirables = [acquirable('target')];
    world.submitAnswer = { outcome: 'unavailable', message: 'quota' };
    await reconcileIn(world);
    expect(done).toEqual(['acquire target', 'release target']);
  });
});
