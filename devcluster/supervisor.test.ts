import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { silent } from './log.ts';
import { identify, isAlive } from './supervision/identity.ts';
import { readPidFile, writePidFile } from './supervision/pid-file.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('a supervisor', () => {
  let dataDir: string;
  let supervisor: Supervisor;
  const shell = (name: string, script: string) => ({ name, command: 'sh', args: ['-c', script] });

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'aegis-supervisor-'));
    supervisor = await createSupervisor(dataDir, silent);
  });
  afterEach(async () => {
    await supervisor.stopAll();
    rmSync(dataDir, { recursive: true });
  });

  it('a supervisor waits for readiness, keeps the output and ends the whole group of a process', async () => {
    const file = join(dataDir, 'child-pid');
    const ready = () => Promise.resolve(existsSync(file));
    const script = `sleep 1000 & echo hello; echo $! > ${file}.new; mv ${file}.new ${file}; wait`;
    await supervisor.start({ ...shell('web', script), ready });
    const child = identify(Number(readFileSync(file, 'utf8')))!;
    expect(isAlive(child)).toBe(true);
    expect(await supervisor.logs('web')).toBe('hello');
    await supervisor.stopAll();
    expect(isAlive(child)).toBe(false);
    expect(existsSync(join(dataDir, 'pids.json'))).toBe(false);
  });

  it('a supervisor reports a process that dies before it is ready with the end of its log', async () => {
    const never = () => Promise.resolve(false);
    const start = supervisor.start({ ...shell('broken', 'echo cannot bind; exit 3'), ready: never });
    await expect(start).rejects.toThrow(/broken ended with exit code 3 before it was ready[^]*cannot bind/);
    expect(supervisor.pids()).toEqual({});
  });

  it('a supervisor reports a program that does not exist and one that never becomes ready', async () => {
    await expect(supervisor.start({ name: 'none', command: '/no/such/program', args: [] })).rejects.toThrow('ENOENT');
    const slow = { ...shell('slow', 'sleep 1000'), ready: () => Promise.reject(new Error('refused')) };
    await expect(supervisor.start({ ...slow, readyTimeoutMs: 200 })).rejects.toThrow('slow was not ready after 0.2 s');
  });

  it('a supervisor restarts a process that was killed, but not one that was stopped', async () => {
    await supervisor.start(shell('a', 'exec sleep 1000'));
    await supervisor.start(shell('b', 'exec sleep 1000'));
    const before = supervisor.pids();
    await supervisor.stop('b');
    supervisor.kill('a', 'SIGKILL');
    await until(() => supervisor.pids()['a'] !== undefined && supervisor.pids()['a'] !== before['a']);
    expect(Object.keys(supervisor.pids())).toEqual(['a']);
    expect(Object.keys(readPidFile(join(dataDir, 'pids.json'))!.processes)).toEqual(['a']);
  });

  it('a supervisor kills a process that ignores its signal', async () => {
    const file = join(dataDir, 'trapped');
    const ready = () => Promise.resolve(existsSync(file));
    const script = `trap '' TERM; touch ${file}; while :; do sleep 0.1; done`;
    await supervisor.start({ ...shell('stubborn', script), ready, stopGraceMs: 100 });
    const identity = identify(supervisor.pids()['stubborn']!)!;
    await supervisor.stop('stubborn');
    expect(isAlive(identity)).toBe(false);
  });

  it('a supervisor stops in reverse order, also when a step fails', async () => {
    const order: string[] = [];
    supervisor.onStop('first', () => Promise.resolve(void order.push('first')));
    supervisor.onStop('second', () => Promise.reject(new Error('busy')));
    await supervisor.start(shell('process', 'exec sleep 1000'));
    supervisor.onStop('third', () => Promise.resolve(void order.push(...supervisor.names(), 'third')));
    await supervisor.stopAll();
    expect(order).toEqual(['process', 'third', 'first']);
  });

  it('an aborted supervisor starts no process, and rejects a start under way', async () => {
    const never = { ...shell('never', 'sleep 1000'), ready: () => Promise.resolve(false) };
    const start = supervisor.start(never);
    const outcome = expect(start).rejects.toThrow('never ended with SIGKILL');
    supervisor.abort();
    await outcome;
    await expect(supervisor.start(shell('late', 'sleep 1000'))).rejects.toThrow('is being stopped');
  });

  it('a supervisor refuses a folder that a living process owns', async () => {
    await expect(createSupervisor(dataDir, silent)).rejects.toThrow(/belongs to a running process/);
  });

  it('a supervisor ends the processes of a dead owner, but not an unrelated one with the same pid', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aegis-supervisor-'));
    const [left, stranger] = ['left', 'stranger'].map(() =>
      spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }),
    );
    const leftIdentity = identify(left!.pid!)!;
    const strangerIdentity = identify(stranger!.pid!)!;
    const dead = { pid: process.pid, startedAt: 'an earlier boot/1' };
    writePidFile(
      join(folder, 'pids.json'),
      dead,
      new Map([
        ['left', leftIdentity],
        ['stranger', { ...strangerIdentity, startedAt: 'an earlier boot/2' }],
      ]),
    );
    try {
      const successor = await createSupervisor(folder, silent);
      const alive = [leftIdentity, strangerIdentity].map(isAlive);
      await successor.stopAll();
      expect(alive).toEqual([false, true]);
    } finally {
      left!.kill();
      stranger!.kill();
      rmSync(folder, { recursive: true });
    }
  });

  it('the processes of a killed supervisor end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aegis-supervisor-'));
    const script = join(folder, 'owner.ts');
    writeFileSync(
      script,
      `import { createSupervisor } from ${JSON.stringify(fileURLToPath(new URL('./supervisor.ts', import.meta.url)))};
       const supervisor = await createSupervisor(${JSON.stringify(folder)}, () => undefined);
       await supervisor.start({ name: 'sleeper', command: 'sleep', args: ['1000'] });
       setInterval(() => undefined, 1000);`,
    );
    const owner = spawn(process.execPath, [script], { stdio: 'ignore', env: { ...process.env, NODE_OPTIONS: '' } });
    const pidFile = join(folder, 'pids.json');
    await until(() => readPidFile(pidFile)?.processes['sleeper'] !== undefined);
    const sleeper = readPidFile(pidFile)!.processes['sleeper']!;
    owner.kill('SIGKILL');
    await until(() => !isAlive(sleeper));
    await until(() => !existsSync(pidFile));
    rmSync(folder, { recursive: true });
  });
});
