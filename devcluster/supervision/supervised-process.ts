import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorText } from '../errors.ts';
import type { Log } from '../log.ts';
import { nextDelayMs } from './back-off.ts';
import { identify, type ProcessIdentity } from './identity.ts';
import { readTail } from './log-tail.ts';
import { endGroups, signalGroup } from './process-group.ts';

const PROBE_INTERVAL_MS = 100;
const DEFAULT_READY_TIMEOUT_MS = 60_000;
const DEFAULT_STOP_GRACE_MS = 10_000;

/** What to run and how to tell that it works. */
export interface ProcessSpec {
  /** Unique within its supervisor; also the name of its log file. */
  name: string;
  command: string;
  args: readonly string[];
  /** The whole environment of the process; default: ours. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Answers whether the process serves; asked every 100 ms. A rejection counts as no. Default: ready once started. */
  ready?: () => Promise<boolean>;
  /** How long a start may take, in milliseconds. Default 60 s. */
  readyTimeoutMs?: number;
  /** Whether it is started again, with back-off, when it ends by itself after it was ready once. Default true. */
  restart?: boolean;
  /** How long it may take to end after SIGTERM before it is killed, in milliseconds. Default 10 s. */
  stopGraceMs?: number;
}

/** Callbacks of a supervised process to its supervisor. */
export interface ProcessHooks {
  log: Log;
  /** Called with the new identity after every start, and with undefined when the process is gone. */
  changed: (identity: ProcessIdentity | undefined) => void;
}

/** One process that is kept alive, in a process group of its own, with its output in a log file. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly logFile: string;
  readonly #hooks: ProcessHooks;
  #child: ChildProcess | undefined;
  #identity: ProcessIdentity | undefined;
  #stopping = new AbortController();
  #previousDelayMs: number | undefined;

  constructor(spec: ProcessSpec, logFile: string, hooks: ProcessHooks) {
    this.spec = spec;
    this.logFile = logFile;
    this.#hooks = hooks;
  }

  get identity(): ProcessIdentity | undefined {
    return this.#identity;
  }

  /** Starts the process and waits until it is ready. A death or silence before that is an error with the end of its log. */
  async start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#previousDelayMs = undefined;
    const child = this.#spawn();
    const died = new Promise<never>((_resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`ended with ${signal ?? `exit code ${String(code)}`} before it was ready`));
      });
    });
    const settled = new AbortController();
    try {
      // A program that does not exist is reported later than the call returns, and must not count as ready meanwhile.
      await Promise.race([died, once(child, 'spawn', { signal: settled.signal })]);
      await Promise.race([died, this.waitUntilReady(settled.signal)]);
    } catch (error) {
      await this.stop();
      throw new Error(`${this.spec.name} ${errorText(error)}\n${await this.#describeLog()}`, { cause: error });
    } finally {
      settled.abort();
      died.catch(() => undefined);
    }
    this.#keepAlive(child, Date.now());
  }

  /** Resolves when the probe says yes (again), rejects after the spec's timeout. */
  async waitUntilReady(signal?: AbortSignal): Promise<void> {
    const timeoutMs = this.spec.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS;
    const deadline = Date.now() + timeoutMs;
    while (!(await this.#isReady())) {
      if (signal?.aborted === true) return;
      if (Date.now() > deadline) throw new Error(`was not ready after ${timeoutMs / 1000} s`);
      await sleep(PROBE_INTERVAL_MS);
    }
  }

  /** Sends a signal to the process group; an end that follows counts as a death, not as a stop. */
  kill(signal: NodeJS.Signals): void {
    if (this.#identity !== undefined) signalGroup(this.#identity.pid, signal);
  }

  /** Kills the process group and does not start it again; `stop` does the rest. */
  abandon(): void {
    this.#stopping.abort();
    this.kill('SIGKILL');
  }

  /** Ends the process group for good and waits until it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const identity = this.#identity;
    if (identity === undefined) return;
    await endGroups([identity], this.spec.stopGraceMs ?? DEFAULT_STOP_GRACE_MS);
    this.#gone();
  }

  #spawn(): ChildProcess {
    const output = openSync(this.logFile, 'a');
    try {
      const child = spawn(this.spec.command, this.spec.args, {
        cwd: this.spec.cwd,
        env: this.spec.env,
        // A group of its own, so that a Ctrl-C in the terminal reaches only us and we choose the order of the end.
        detached: true,
        stdio: ['ignore', output, output],
      });
      this.#child = child;
      this.#identity = child.pid === undefined ? undefined : identify(child.pid);
      this.#hooks.changed(this.#identity);
      return child;
    } finally {
      closeSync(output);
    }
  }

  #keepAlive(child: ChildProcess, startedAtMs: number): void {
    const onEnd = (code: number | null, signal: string | null): void => {
      if (this.#stopping.signal.aborted || this.#child !== child) return;
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      this.#gone();
      const how = signal ?? `exit code ${String(code)}`;
      if (this.spec.restart === false) {
        this.#hooks.log(`${this.spec.name} ended with ${how}; its log: ${this.logFile}`);
        return;
      }
      this.#previousDelayMs = nextDelayMs(this.#previousDelayMs, Date.now() - startedAtMs);
      this.#hooks.log(`${this.spec.name} ended with ${how}; starts again in ${this.#previousDelayMs / 1000} s`);
      void this.#startAfter(this.#previousDelayMs);
    };
    if (child.exitCode !== null || child.signalCode !== null) onEnd(child.exitCode, child.signalCode);
    else child.once('exit', onEnd);
  }

  async #startAfter(delayMs: number): Promise<void> {
    try {
      await sleep(delayMs, undefined, { signal: this.#stopping.signal });
    } catch {
      return;
    }
    const child = this.#spawn();
    child.once('error', (error) => {
      this.#hooks.log(`${this.spec.name} could not be started: ${error.message}`);
    });
    this.#keepAlive(child, Date.now());
  }

  #gone(): void {
    this.#identity = undefined;
    this.#child = undefined;
    this.#hooks.changed(undefined);
  }

  async #isReady(): Promise<boolean> {
    try {
      return this.spec.ready === undefined || (await this.spec.ready());
    } catch {
      return false;
    }
  }

  async #describeLog(): Promise<string> {
    return `last lines of ${this.logFile}:\n${await readTail(this.logFile, 15)}`;
  }
}
