import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../devcluster/ports.ts';

const entry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** `aegis all` as a process of its own. */
export interface AegisAll {
  readonly ingest: string;
  readonly probes: string;
  /** What it has printed so far. */
  printed(): string;
  /** Resolves to the exit code; null when it was killed. */
  readonly exit: Promise<number | null>;
  /** Sends a signal, as a terminal or a kubelet would, and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts both roles in one process, on ports that are free; does not wait until it is ready. */
export async function startAll(flags: readonly string[]): Promise<AegisAll> {
  const [ingest = 0, probes = 0] = await freePorts(2);
  const ports = [`--ingest-port=${ingest}`, `--probe-port=${probes}`];
  const child = spawn(process.execPath, [entry, 'all', ...flags, ...ports, '--exit-with-parent'], {
    env: { ...process.env, NODE_OPTIONS: '' },
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
      child.kill(signal);
      return exit;
    },
  };
}
