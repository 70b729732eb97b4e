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
  it('a process starts its parts in order, drains, stops them in reverse and exits with 0', async () => {
    const trace: string[] = [];
    const { host, exit, started } = run([part('a', trace), part('b', trace)], { onDrain: () => trace.push('drain') });
    await started;
    host.emit('SIGTERM', 'SIGTERM');
    expect(await exit).toBe(0);
    expect(trace).toEqual(['start a', 'start b', 'drain', 'stop b', 'stop a']);
    expect(host.listenerCount('SIGTERM')).toBe(0);
  });

  it('a process drains its running parts before it stops any', async () => {
    const trace: string[] = [];
    const told = { drain: () => void trace.push('drain a') };
    const { host, exit, started } = run([part('a', trace, told), part('b', trace)], { drainDelayMs: 5 });
    await started;
    host.emit('SIGTERM', 'SIGTERM');
    expect(await exit).toBe(0);
    expect(trace).toEqual(['start a', 'start b', 'drain a', 'stop b', 'stop a']);
  });

  it('a process stops the started parts when a part cannot start, and exits with 1', async () => {
    const trace: string[] = [];
    const broken = part('b', trace, { start: () => Promise.reject(new Error('no')) });
    expect(await run([part('a', trace), broken, part('c', trace)]).exit).toBe(1);
    expect(trace).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('a process exits with 1 when a running part fails', async () => {
    const trace: string[] = [];
    let giveUp: (error: unknown) => void = () => undefined;
    const { exit, started } = run([part('a', trace, { start: (fatal) => void (giveUp = fatal) })]);
    await started;
    giveUp(new Error('lost'));
    expect(await exit).toBe(1);
    expect(trace).toEqual(['stop a']);
  });

  it('a process stops a part whose start is still in progress', async () => {
    const trace: string[] = [];
    const slow = part('a', trace, { start: () => new Promise(() => undefined) });
    const { host, exit } = run([slow, part('b', trace)]);
    host.emit('SIGINT', 'SIGINT');
    expect(await exit).toBe(0);
    expect(trace).toEqual(['stop a']);
  });

  it('a process stops the other parts after one that hangs or fails to stop, and exits with 1', async () => {
    const trace: string[] = [];
    const hanging = part('c', trace, { stop: () => new Promise(() => undefined), stopTimeoutMs: 1 });
    const failing = part('b', trace, { stop: () => Promise.reject(new Error('no')) });
    const { host, exit, started } = run([part('a', trace), failing, hanging]);
    await started;
    host.emit('SIGTERM', 'SIGTERM');
    expect(await exit).toBe(1);
    expect(trace.at(-1)).toBe('stop a');
  });

  it('a process treats signals in quick succession as one, and exits at once on a later one', async () => {
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

  it('a process exits at once on an uncaught exception', async () => {
    const { host, started, exit } = run([part('a', [])]);
    await started;
    host.emit('uncaughtException', new Error('bug'));
    expect(host.exits).toEqual([1]);
    host.emit('SIGTERM', 'SIGTERM');
    await exit;
  });

  it('a process drains when its parent process has ended', async () => {
    const { host, exit, started } = run([part('a', [])], { exitWithParent: true });
    await started;
    host.ppid = 1;
    expect(await exit).toBe(0);
  });
});
