import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { balance } from '../harness/bookkeeping.ts';
import { eventually } from '../harness/eventually.ts';
import { atRate, nodeAlert, sendUntilAcknowledged } from '../harness/senders.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness({ apiservers: 2, workers: 2 });
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
}, 120_000);

afterEach(async () => {
  await harness.stop();
}, 60_000);

const seconds = 12;
const perSecond = 50;

/** Sends 50 alerts a second while `trouble` goes on, then waits until each of them has its one Workflow. */
async function sendThrough(trouble: () => Promise<void>): Promise<void> {
  const acknowledged = new Set<string>();
  const sending = atRate(seconds * perSecond, perSecond, async (index) => {
    const alert = nodeAlert(`f${index}`);
    await sendUntilAcknowledged(harness.ingest, alert);
    acknowledged.add(alert.fingerprint);
  });
  await Promise.all([sending, trouble()]);
  expect(acknowledged.size).toBe(seconds * perSecond);
  const books = await eventually(
    'a Workflow for every alert',
    async () => {
      const now = await balance(harness, acknowledged);
      return now.open.length === 0 && now;
    },
    { withinMs: 120_000, everyMs: 1_000 },
  );
  expect(books).toEqual({ alerts: seconds * perSecond, lost: [], open: [], doubled: [] });
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function repeat(times: number, everyMs: number, act: (index: number) => unknown): Promise<void> {
  for (let index = 0; index < times; index += 1) {
    await pause(everyMs);
    await act(index);
  }
}

describe('every acknowledged alert has exactly one Workflow', () => {
  it('every acknowledged alert has exactly one Workflow when workers are killed repeatedly', async () => {
    await sendThrough(() =>
      repeat(6, 1_500, (index) => {
        harness.cluster.kill(`worker-${index % 2}`, 'SIGKILL');
      }),
    );
  }, 300_000);

  it('every acknowledged alert has exactly one Workflow when apiservers are killed repeatedly', async () => {
    await sendThrough(() =>
      repeat(6, 1_500, (index) => {
        harness.cluster.kill(`apiserver-${index % 2}`, 'SIGKILL');
      }),
    );
  }, 300_000);

  it('every acknowledged alert has exactly one Workflow when Redis is wiped and then killed', async () => {
    await sendThrough(async () => {
      const redis = new Redis(harness.cluster.redisUrl ?? '', { lazyConnect: true });
      redis.on('error', () => undefined);
      await redis.connect();
      await repeat(3, 1_500, () => redis.flushall());
      redis.disconnect();
      await pause(1_000);
      harness.cluster.kill('redis', 'SIGKILL');
    });
  }, 300_000);

  it('every acknowledged alert has exactly one Workflow when the API server is killed', async () => {
    await sendThrough(async () => {
      await repeat(2, 4_000, () => {
        harness.cluster.kill('kube-apiserver', 'SIGKILL');
      });
    });
  }, 300_000);
});
