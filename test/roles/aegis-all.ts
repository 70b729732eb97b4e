import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import launch from '../../cli/launch.json' with { type: 'json' };
import { freePorts } from '../../devcluster/ports.ts';

const entry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** `aegis all` as a process of its own. */
export interface AegisAll {
  readonly ingest: string;
  readonly probes: string;
  /** Returns the output so far. */
  printed(): string;
  /** Resolves to the exit code; null when it was killed. */
  readonly exit: Promise<number | null>;
  /** Sends a signal, as a terminal or a kubelet would, and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** Kills it, if it still runs. */
  kill(): void;
}

/** Makes a process the first of a PID namespace, as in a container; it ends with its parent. */
const firstProcess = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'] as const;

/** Whether a process may become the first one here: the kernel lets not everybody make namespaces. */
export const canBeFirst = spawnSync(firstProcess[0], [...firstProcess.slice(1), 'true']).status === 0;

/**
 * Starts both roles in one process, on ports that are free; does not wait until it is ready.
 *
 * @param options.first as process 1, to which the kernel delivers only signals that it handles
 */
export async function startAll(flags: readonly string[], { first = false } = {}): Promise<AegisAll> {
  const [ingest = 0, probes = 0] = await freePorts(2);
  const ports = [`--ingest-port=${ingest}`, `--probe-port=${probes}`];
  const aegis = [process.execPath, ...launch.flags, entry, 'all', ...flags, ...ports, '--exit-with-parent'];
  const [command = '', ...args] = first ? [...firstProcess, ...aegis] : aegis;
  const child = spawn(command, args, {
    env: { ...launch.env, ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return {
    ingest: `http://127.0.0.1:${ingest}`,
    probes: `http://127.0.0.1:${probes}`,
    printed: () => output,
    exit,
    stop: async (signal) => {
      if (first) process.kill(onlyChild(child.pid), signal);
      else child.kill(signal);
      return exit;
    },
    kill: () => child.kill('SIGKILL'),
  };
}

function onlyChild(pid = 0): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}
