import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';

import { createFakeClock, settle } from '../../test/kube/fake-clock.ts';
import { createFakeLogger, thing } from '../../test/kube/things.ts';
import { ApiError, type Retry } from '../client/api-error.ts';
import { cutNote, type KubeEvent } from './event.ts';
import { EventRecorder } from './recorder.ts';
import { createKubeMetrics } from '../metrics.ts';
import type { JsonPatch, MergePatch, ObjectKey } from '../client/resources.ts';

const facts = { type: 'Normal', reason: 'WorkflowSubmitted', note: 'Submitted it' } as const;

function failing(status: number, kind: Retry['kind']): ApiError {
  return new ApiError({ status, reason: 'Any', message: 'no', retry: { kind } });
}

function setUp() {
  const created: KubeEvent[] = [];
  const patched: unknown[] = [];
  const errors: ApiError[] = [];
  let gate: Promise<void> | undefined;
  const act = async () => {
    await gate;
    const error = errors.shift();
    if (error !== undefined) throw error;
  };
  const clock = createFakeClock();
  const registry = new Registry();
  const recorder = new EventRecorder({
    client: {
      create: async (event: KubeEvent) => {
        await act();
        created.push(event);
        return event;
      },
      patch: async ({ name }: ObjectKey, patch: JsonPatch | MergePatch) => {
        await act();
        patched.push({ name, ...(patch as MergePatch) });
        return created[0] as KubeEvent;
      },
    },
    controller: 'aegis.io/worker',
    instance: 'worker-1',
    clock,
    logger: createFakeLogger(),
    metrics: createKubeMetrics(registry),
  });
  return {
    recorder,
    created,
    patched,
    errors,
    clock,
    block: () => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gate = promise.then(() => undefined);
      return () => {
        resolve(undefined);
        gate = undefined;
      };
    },
    counted: async (result: string) => {
      const metric = await registry.getSingleMetric('aegis_events_total')?.get();
      return metric?.values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
    },
  };
}

describe('the event recorder', () => {
  it('an event has facts, object and reporter', async () => {
    const { recorder, created } = setUp();
    recorder.record(thing('a'), facts);
    await settle();
    expect(created).toEqual([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { namespace: 'ns', name: expect.stringMatching(/^a\.[0-9a-f]{17}$/) as unknown as string },
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'aegis.io/worker',
        reportingInstance: 'worker-1',
        action: 'Reconcile',
        ...facts,
        regarding: {
          apiVersion: 'test.aegis.io/v1',
          kind: 'Thing',
          namespace: 'ns',
          name: 'a',
          uid: 'uid-a',
          resourceVersion: '1',
        },
      },
    ]);
  });

  it('events of cluster-scoped objects are written to the default namespace', async () => {
    const { recorder, created } = setUp();
    recorder.record({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }, facts);
    await settle();
    expect(created[0]?.metadata.namespace).toBe('default');
    expect(created[0]?.regarding).toEqual({ apiVersion: 'v1', kind: 'Node', name: 'n1' });
  });

  it('repetitions of an event within ten minutes are counted, with one write for many', async () => {
    const { recorder, created, patched, clock } = setUp();
    for (let i = 0; i < 100; i++) {
      recorder.record(thing('a', String(i)), facts);
      await settle();
    }
    await clock.advance(10_000);
    expect(created).toHaveLength(1);
    const name = created[0]?.metadata.name;
    expect(patched).toEqual([{ name, series: { count: 100, lastObservedTime: '2026-01-01T00:00:00.000000Z' } }]);
    recorder.record(thing('a'), facts);
    await clock.advance(10_000);
    expect(patched[1]).toEqual({ name, series: { count: 101, lastObservedTime: '2026-01-01T00:00:10.000000Z' } });
  });

  it('the first write of an event counts earlier repetitions', async () => {
    const { recorder, created, patched, clock, block } = setUp();
    const unblock = block();
    recorder.record(thing('a'), facts);
    await settle();
    for (let i = 0; i < 3; i++) recorder.record(thing('b'), facts);
    unblock();
    await clock.advance(20_000);
    expect(created.map(({ series }) => series?.count)).toEqual([undefined, 3]);
    expect(patched).toEqual([]);
  });

  it('another note, another object or a long gap makes a new event', async () => {
    const { recorder, created, clock } = setUp();
    recorder.record(thing('a'), facts);
    recorder.record(thing('b'), facts);
    recorder.record(thing('a'), { ...facts, note: 'Again' });
    recorder.record(thing('a'), { ...facts, type: 'Warning' });
    await clock.advance(10 * 60_000);
    recorder.record(thing('a'), facts);
    await settle();
    expect(created).toHaveLength(5);
  });

  it('one object can have 25 events at once and one more per five minutes', async () => {
    const { recorder, created, clock, counted } = setUp();
    for (let i = 0; i < 40; i++) recorder.record(thing('a'), { ...facts, note: `Number ${i}` });
    recorder.record(thing('b'), facts);
    await settle();
    expect(created).toHaveLength(26);
    expect(await counted('dropped_rate')).toBe(15);
    await clock.advance(5 * 60_000);
    for (let i = 0; i < 2; i++) recorder.record(thing('a'), { ...facts, note: `Later ${i}` });
    await settle();
    expect(created).toHaveLength(27);
  });

  it('the event recorder keeps a thousand events while the API server is slow and drops the rest', async () => {
    const { recorder, created, block, counted } = setUp();
    const unblock = block();
    for (let i = 0; i < 1_500; i++) recorder.record(thing(`a${i}`), facts);
    await settle();
    unblock();
    await recorder.stop(1_000);
    // One was under way.
    expect(created.length).toBeGreaterThanOrEqual(1_000);
    expect(created.length + (await counted('dropped_queue'))).toBe(1_500);
  });

  it('the event recorder tries an event three times on temporary errors', async () => {
    const { recorder, created, errors, clock, counted } = setUp();
    errors.push(failing(503, 'retryable'), failing(0, 'retryable'));
    recorder.record(thing('a'), facts);
    await clock.advance(10_000);
    expect(created).toHaveLength(1);
    errors.push(failing(503, 'retryable'), failing(503, 'retryable'), failing(503, 'retryable'));
    recorder.record(thing('b'), facts);
    await clock.advance(10_000);
    expect(await counted('dropped_error')).toBe(1);
  });

  it('the event recorder drops a refused event and continues', async () => {
    const { recorder, created, errors, counted } = setUp();
    errors.push(failing(422, 'terminal'));
    recorder.record(thing('a'), facts);
    recorder.record(thing('b'), facts);
    await settle();
    expect(created.map(({ regarding }) => regarding.name)).toEqual(['b']);
    expect(await counted('dropped_error')).toBe(1);
  });

  it('the event recorder creates an event again when it has expired', async () => {
    const { recorder, created, errors, clock } = setUp();
    recorder.record(thing('a'), facts);
    await settle();
    recorder.record(thing('a'), facts);
    errors.push(failing(404, 'terminal'));
    await clock.advance(10_000);
    expect(created.map(({ series }) => series?.count)).toEqual([undefined, 2]);
  });

  it('the event recorder writes pending events when it is stopped, and none afterwards', async () => {
    const { recorder, created, patched, clock } = setUp();
    recorder.record(thing('a'), facts);
    await settle();
    recorder.record(thing('a'), facts);
    recorder.record(thing('b'), facts);
    await recorder.stop(1_000);
    expect([created.length, patched.length]).toEqual([2, 1]);
    recorder.record(thing('c'), facts);
    await clock.advance(60_000);
    expect([created.length, patched.length]).toEqual([2, 1]);
  });

  it('the event recorder stops within its timeout', async () => {
    const { recorder, created, clock, block } = setUp();
    block();
    recorder.record(thing('a'), facts);
    await settle();
    const stopped = recorder.stop(1_000);
    await clock.advance(1_000);
    await stopped;
    expect(created).toEqual([]);
  });

  it('the event recorder never throws', () => {
    const { recorder } = setUp();
    const broken = { ...thing('a'), metadata: undefined } as unknown as ReturnType<typeof thing>;
    expect(() => {
      recorder.record(broken, facts);
    }).not.toThrow();
  });
});

describe('a note', () => {
  it('the note of an event is cut at 1 KiB, never within a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 700 }), (note) => {
        const cut = cutNote(note);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1_024);
        expect(cut).not.toContain('\uFFFD');
        if (Buffer.byteLength(note) <= 1_024) expect(cut).toBe(note);
        else expect(note.startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
  });
});
