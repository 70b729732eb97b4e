import type { Log } from '../log.ts';

/** Where `npm start` writes. */
export interface Terminal {
  /** A step of the start, with the time since its beginning. */
  step: Log;
  /** A line as it is. */
  print: Log;
  /** The one line that a program reads. */
  result: Log;
}

/**
 * All text for the user goes to standard output, or to standard error when that belongs to the line of JSON. A reader
 * who has gone away (`npm start | head`) is no reason to fail.
 */
export function createTerminal(json: boolean): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const started = performance.now();
  const stream = json ? process.stderr : process.stdout;
  const print = (line: string): void => {
    stream.write(`${line}\n`);
  };
  return {
    print,
    step(line) {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      print(`[${seconds.padStart(5)} s] ${line}`);
    },
    result(line) {
      process.stdout.write(`${line}\n`);
    },
  };
}
