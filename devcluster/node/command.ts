import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Runs a program of the machine to its end and answers its standard output; its error carries what it printed. */
export type Run = (command: string, args: readonly string[]) => Promise<string>;

/** Makes a `Run` with an environment. Output is not translated, because some of it is read by us. */
export function createRun(env: NodeJS.ProcessEnv): Run {
  return async (command, args) => {
    try {
      return (await exec(command, args, { env: { ...env, LC_ALL: 'C' } })).stdout;
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
      throw new Error(`${[command, ...args].join(' ')} failed: ${said || String(error)}`, { cause: error });
    }
  };
}

/** Runs a command whose failure means that there was nothing to do, such as deleting what does not exist. */
export async function attempt(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}
