import { EventEmitter, once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { runUntilSignal, type LifecycleOptions } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import type { Runnable } from '../lib/runnable.ts';

class FakeHost extends EventEmitter {
  readonly exits: number[] = [];
  ppid = 42;
  exit(code: number): void {
    this.exits.push(code);
  }
}

function part(name: string, trace: string[], overrides: Partial<Runnable> = {}): Runnable {
  return {
    name,
    start: () => void trace.push(`start ${name}`),
    stop: () => void trace.push(`stop ${name}`),
    ...overrides,
  };
}

function run(parts: Runnable[], overrides: Partial<LifecycleOptions> = {}) {
  const host = new FakeHost();
  const running = new EventEmitter();
  const exit = runUntilSignal({
    parts,
    logger: createLogger('silent'),
    graceMs: 5_000,
    host,
    onStarted: () => running.emit('started'),
    ...overrides,
  });
  return { host, exit, started: once(running, 'started') };
}

describe('runUntilSignal', () => {
  it('starts in order, drains, stops in reverse and ends with 0', async () => {
    const trace: string[] = [];
    const { host, exit, started } = run([part('a', trace), part('b', trace)], { onDrain: () => trace.push('drain') });
    await started;
    host.emit('SIGTERM', 'SIGTERM');
    expect(await exit).toBe(0);
    expect(trace).toEqual(['start a', 'start b', 'drain', 'stop b', 'stop a']);
    expect(host.listenerCount('SIGTERM')).toBe(0);
  });

  it('tells what runs that the end is near, before anything stops', async () => {
    const trace: string[] = [];
    const told = { drain: () => void trace.push('drain a') };
    const { host, exit, started } = run([part('a', trace, told), part('b', trace)], { drainDelayMs: 5 });
    await started;
    host.emit('SIGTERM', 'SIGTERM');
    expect(await exit).toBe(0);
    expect(trace).toEqual(['start a', 'start b', 'drain a', 'stop b', 'stop a']);
  });

  it('stops what was started when a part cannot start, and ends with 1', async () => {
    const trace: string[] = [];
    const broken = part('b', trace, { start: () => Promise.reject(new Error('no')) });
    expect(await run([part('a', trace), broken, part('c', trace)]).exit).toBe(1);
    expect(trace).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('ends with 1 when a running part gives up', async () => {
    const trace: string[] = [];
    let giveUp: (error: unknown) => void = () => undefined;
    const { exit, started } = run([part('a', trace, { start: (fatal) => void (giveUp = fatal) })]);
    await started;
    giveUp(new Error('lost'));
    expect(await exit).toBe(1);
    expect(trace).toEqual(['stop a']);
  });

  it('stops a part whose start is still under way', async () => {
    const trace: string[] = [];
    const slow = part('a', trace, { start: () => new Promise(() => undefined) });
    const { host, exit } = run([slow, part('b', trace)]);
    host.emit('SIGINT', 'SIGINT');
    expect(await exit).toBe(0);
    expect(trace).toEqual(['stop a']);
  });

  it('goes on after a part that hangs or fails while stopping, and ends with 1', async () => {
    const trace: string[] = [];
    const hanging = part('c', trace, { stop: () => new Promise(() => undefined), stopTimeoutMs: 1 });
    const failing = part('b', trace, { stop: () => Promise.reject(new Error('no')) });
    const { host, exit, started } = run([part('a', trace), failing, hanging]);
    await started;
    host.emit('SIGTERM', 'SIGTERM');
    expect(await exit).toBe(1);
    expect(trace.at(-1)).toBe('stop a');
  });

  it('takes signals in quick succession for one, and a later one for impatience', async () => {
    const { host, started } = run([part('a', [], { stop: () => new Promise(() => undefined), stopTimeoutMs: 10 })]);
    await started;
    const clock = jest.spyOn(performance, 'now');
    clock.mockReturnValue(1_000);
    host.emit('SIGINT', 'SIGINT');
    host.emit('SIGTERM', 'SIGTERM');
    expect(host.exits).toEqual([]);
    clock.mockReturnValue(5_000);
    host.emit('SIGTERM', 'SIGTERM');
    expect(host.exits).toEqual([1]);
    clock.mockRestore();
  });

  it('ends at once on an exception that nobody caught', async () => {
    const { host, started, exit } = run([part('a', [])]);
    await started;
    host.emit('uncaughtException', new Error('bug'));
    expect(host.exits).toEqual([1]);
    host.emit('SIGTERM', 'SIGTERM');
    await exit;
  });

  it('drains when the parent process is gone', async () => {
    const { host, exit, started } = run([part('a', [])], { exitWithParent: true });
    await started;
    host.ppid = 1;
    expect(await exit).toBe(0);
  });
});
