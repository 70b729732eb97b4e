import { beforeEach, describe, expect, it } from '@jest/globals';
import { anAlert } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { RemediationCluster } from '../../test/fakes/remediation-cluster.ts';
import type { Acquirable } from './acquire.ts';

let cluster: RemediationCluster;
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
  cluster = new RemediationCluster(anAlert(), planned());
  done = [];
});

describe('the locks and reservations of an attempt', () => {
  it('an attempt acquires its locks before its Workflow is created and releases them after its outcome is recorded', async () => {
    cluster.acquirables = [acquirable('budget'), acquirable('target')];
    await reconcileIn(cluster);
    expect(cluster.created).toBe(1);
    cluster.run('Running');
    await reconcileIn(cluster);
    expect(done).toEqual(['acquire budget', 'acquire target']);
    cluster.run('Succeeded');
    await reconcileIn(cluster);
    expect(cluster.remediation?.status?.phase).toBe('Succeeded');
    expect(done.slice(2)).toEqual(['release target', 'release budget']);
  });

  it('an attempt acquires all of its locks or none, and waits until it can', async () => {
    let free = false;
    cluster.acquirables = [acquirable('budget'), acquirable('target', () => free)];
    await reconcileIn(cluster);
    expect(done).toEqual(['acquire budget', 'acquire target', 'release budget']);
    expect(cluster.created).toBe(0);
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Blocked', reason: 'ResourceBusy' });
    free = true;
    await reconcileIn(cluster);
    expect(cluster.created).toBe(1);
  });

  it('an attempt releases its locks when the Workflow cannot be created', async () => {
    cluster.acquirables = [acquirable('target')];
    cluster.submitAnswer = { outcome: 'unavailable', message: 'quota' };
    await reconcileIn(cluster);
    expect(done).toEqual(['acquire target', 'release target']);
  });
});
