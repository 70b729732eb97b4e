import { spawn } from 'node:child_process';

const NO_NETWORK = /dial tcp|no such host|i\/o timeout|connection refused|network is unreachable|TLS handshake timeout/;

/** Runs the go command in a folder and returns its standard output; its errors name the remedy. */
export async function runGo(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('go', args, {
    cwd,
    // Neither a workspace nor the user's flags may change what the committed modules say.
    env: { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly -buildvcs=false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  process.once('exit', stop);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) return stdout;
  } catch (error) {
    stderr = String(error);
  } finally {
    process.off('exit', stop);
  }
  throw new Error(explainGoFailure(args, stderr));
}

/** Turns what the go command printed into a message that begins with what to do. */
export function explainGoFailure(args: readonly string[], stderr: string): string {
  const command = `go ${args.slice(0, 2).join(' ')}`;
  const output = stderr.trim().split('\n').slice(-15).join('\n');
  if (stderr.includes('ENOENT')) {
    return 'Go is not installed, and it is needed to build the cluster once. Install Go 1.26 or newer so that `go` is on PATH, or point KUBEBUILDER_ASSETS at a folder with the programs.';
  }
  if (/requires go >=|go: invalid go version|unknown directive: tool/.test(stderr)) {
    return `The installed Go is too old: the cluster needs Go 1.26 or newer.\n${output}`;
  }
  if (NO_NETWORK.test(stderr)) {
    return `The Go module proxy cannot be reached. Check the network and GOPROXY, then try again.\n${output}`;
  }
  if (/no space left on device/.test(stderr)) return `The disk is full.\n${output}`;
  return `${command} failed:\n${output}`;
}
