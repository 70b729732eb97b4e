import { Command, InvalidArgumentError, Option } from 'commander';

import type { Nodes } from '../nodes.ts';

/** The command line of `npm start`. */
export interface StartOptions {
  json: boolean;
  example: boolean;
  exitAfterExample: boolean;
  /** Undefined: the best that this machine can do. */
  nodes: Nodes | undefined;
  dataDir: string | undefined;
  /** Where alerts are received; another free port is taken when it is occupied. */
  ingestPort: number;
}

const DEFAULT_INGEST_PORT = 8080;

/** Reads the command line; prints help or an error and ends the process when that is all there is to do. */
export function readOptions(argv: readonly string[]): StartOptions {
  const program = new Command('npm start --')
    .description('Starts a real cluster on this machine, Aegis on it, and plays the example of the README.')
    .option('--json', 'print one line of JSON on standard output when ready, everything else on standard error', false)
    .option('--no-example', 'do not play the example')
    .option('--exit-after-example', 'stop after the example; the exit code says whether it worked', false)
    .addOption(
      new Option(
        '--nodes <kind>',
        'what runs the pods; default: a real node as root on Linux, a simulated one elsewhere',
      ).choices(['real', 'simulated', 'none']),
    )
    .option('--data-dir <folder>', 'keep the data there and go on with it; default: a temporary folder')
    .option('--ingest-port <port>', 'where alerts are received', readPort, DEFAULT_INGEST_PORT)
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' });
  const options = program.opts<{ nodes?: Nodes; dataDir?: string } & Omit<StartOptions, 'nodes' | 'dataDir'>>();
  if (options.exitAfterExample && !options.example) {
    program.error('error: --exit-after-example and --no-example exclude each other');
  }
  return { ...options, nodes: options.nodes, dataDir: options.dataDir };
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('It is not a port.');
  return port;
}
