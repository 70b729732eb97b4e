import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { errorText } from './errors.ts';
import type { Log } from './log.ts';
import { identify, isAlive, type ProcessIdentity } from './supervision/identity.ts';
import { readTail } from './supervision/log-tail.ts';
import { readPidFile, removePidFile, writePidFile } from './supervision/pid-file.ts';
import { endGroups } from './supervision/process-group.ts';
import { SupervisedProcess, type ProcessSpec } from './supervision/supervised-process.ts';

export type { ProcessSpec } from './supervision/supervised-process.ts';

const LEFTOVER_GRACE_MS = 5_000;

/** Starts processes, keeps them alive and ends them, last started first. */
export interface Supervisor {
  readonly dataDir: string;
  /** Aborted as soon as the end has begun, for callers that wait for something that will not happen any more. */
  readonly signal: AbortSignal;
  /** Starts a process and waits until it is ready; rejects, with the end of its log, when it does not get there. */
  start(spec: ProcessSpec): Promise<void>;
  /** Registers work for the end, run in reverse order together with the processes: what was started before still runs. */
  onStop(name: string, cleanUp: () => Promise<void>): void;
  /** Names of all processes, in the order of their start. */
  names(): string[];
  /** Pids of the living processes by name; each is also the id of a process group. */
  pids(): Record<string, number>;
  /** Sends a signal to a process group as if from outside: what dies of it is started again. */
  kill(name: string, signal: NodeJS.Signals): void;
  /** Resolves when the process is ready (again); rejects after its timeout. */
  ready(name: string): Promise<void>;
  /** Ends one process for now; `restart` starts it again, `stopAll` forgets it. */
  stop(name: string): Promise<void>;
  /** Ends one process, starts it at once and waits until it is ready. */
  restart(name: string): Promise<void>;
  /** The last lines of a process's log. */
  logs(name: string, lines?: number): Promise<string>;
  logFile(name: string): string;
  /**
   * Begins the end while something is still being started: kills what runs and refuses further starts, so that a caller that
   * waits for one fails soon. The clean-up is left to `stopAll`.
   */
  abort(): void;
  /** Ends everything. Safe to call twice; a failing clean-up does not keep the others from running. */
  stopAll(): Promise<void>;
}

interface Stage {
  name: string;
  end: () => Promise<void>;
}

/**
 * Makes a supervisor for a data folder: logs lie in `logs/<name>.log`, the pids in `pids.json`. Processes that a
 * crashed predecessor left in the folder are ended first; a living one is an error. Should this process die without
 * stopping them, a small helper process ends its children.
 */
export async function createSupervisor(dataDir: string, log: Log): Promise<Supervisor> {
  const pidFile = join(dataDir, 'pids.json');
  const logDir = join(dataDir, 'logs');
  mkdirSync(logDir, { recursive: true });
  await endLeftovers(pidFile, log);

  const owner = ownIdentity();
  const running = new Map<string, ProcessIdentity>();
  const processes = new Map<string, SupervisedProcess>();
  const stages: Stage[] = [];
  writePidFile(pidFile, owner, running);
  const releaseReaper = startReaper(pidFile, owner.pid);
  const ending = new AbortController();
  let stopped: Promise<void> | undefined;

  const find = (name: string): SupervisedProcess => {
    const found = processes.get(name);
    if (found === undefined)
      throw new Error(`no process is named ${name}; there are: ${[...processes.keys()].join(', ')}`);
    return found;
  };

  const endAll = async (): Promise<void> => {
    ending.abort();
    for (const stage of stages.toReversed()) {
      try {
        await stage.end();
      } catch (error) {
        log(`${stage.name} could not be cleaned up: ${errorText(error)}`);
      }
    }
    removePidFile(pidFile);
    releaseReaper();
  };

  return {
    dataDir,
    signal: ending.signal,
    async start(spec) {
      if (ending.signal.aborted) throw new Error(`${spec.name} cannot be started: the cluster is being stopped`);
      if (processes.has(spec.name)) throw new Error(`a process named ${spec.name} was started already`);
      const child = new SupervisedProcess(spec, join(logDir, `${spec.name}.log`), {
        log,
        changed(identity) {
          if (identity === undefined) running.delete(spec.name);
          else running.set(spec.name, identity);
          writePidFile(pidFile, owner, running);
        },
      });
      processes.set(spec.name, child);
      stages.push({ name: spec.name, end: () => child.stop() });
      await child.start();
    },
    onStop(name, cleanUp) {
      stages.push({ name, end: cleanUp });
    },
    names: () => [...processes.keys()],
    pids: () => Object.fromEntries([...running].map(([name, { pid }]) => [name, pid])),
    kill(name, signal) {
      find(name).kill(signal);
    },
    ready: (name) => find(name).waitUntilReady(),
    stop: (name) => find(name).stop(),
    async restart(name) {
      await find(name).stop();
      await find(name).start();
    },
    logs: (name, lines = 50) => readTail(find(name).logFile, lines),
    logFile: (name) => find(name).logFile,
    abort() {
      ending.abort();
      for (const child of processes.values()) child.abandon();
    },
    stopAll: () => (stopped ??= endAll()),
  };
}

/** Ends what a crashed supervisor left behind in this folder. */
async function endLeftovers(pidFile: string, log: Log): Promise<void> {
  const left = readPidFile(pidFile);
  if (left === undefined) return;
  if (isAlive(left.owner)) {
    throw new Error(
      `${pidFile} belongs to a running process (pid ${left.owner.pid}): stop that one or choose another data folder`,
    );
  }
  const names = Object.entries(left.processes).flatMap(([name, identity]) => (isAlive(identity) ? [name] : []));
  if (names.length > 0) log(`Ending what an earlier run left behind: ${names.join(', ')}`);
  await endGroups(Object.values(left.processes), LEFTOVER_GRACE_MS);
  removePidFile(pidFile);
}

/** Starts the helper that ends our children should we be killed; answers how to let it go. */
function startReaper(pidFile: string, ownerPid: number): () => void {
  const script = fileURLToPath(new URL('./supervision/reaper.ts', import.meta.url));
  const reaper = spawn(process.execPath, [script, pidFile, String(ownerPid)], {
    // Its own group and no inherited options: it must survive this process and the signal that ends it.
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.on('error', () => undefined);
  reaper.stdin.on('error', () => undefined);
  reaper.unref();
  return () => {
    reaper.stdin.end();
  };
}

function ownIdentity(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error('cannot read the start time of this process (needs /proc or ps)');
  return identity;
}
