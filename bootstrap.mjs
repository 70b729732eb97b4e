/**
 * Runs one of our TypeScript programs on a fresh clone: installs what package-lock.json asks for if it is not there yet,
 * then starts the pinned Node with the program. Works under any Node from 20 on and needs no package itself.
 * Usage: node bootstrap.mjs <entry.ts> [arguments...]
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(fileURLToPath(import.meta.url));
const PINNED_NODE = join(ROOT, 'node_modules', '.bin', 'node');
const INSTALL_LOCK = join(ROOT, '.cache', 'install.lock');
const OLDEST_NODE = 20;
const ROLES = 'cli/main.ts';
/** What V8 and the C library take only at their start. */
const LAUNCH = 'cli/launch.json';
/** What Node made of our files: with it, a program starts sooner and does not load a compiler of TypeScript. */
const COMPILED = join(ROOT, '.cache', 'compiled');
const POLL_MS = 500;
const HEARTBEAT_MS = 15_000;

/** Standard output belongs to the program. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}

/** Whether node_modules is what package-lock.json describes; npm records there what it has installed. */
function isInstalled() {
  if (!existsSync(PINNED_NODE)) return false;
  let installed;
  try {
    installed = readPackages(join(ROOT, 'node_modules', '.package-lock.json'));
  } catch {
    return false;
  }
  const wanted = Object.entries(readPackages(join(ROOT, 'package-lock.json'))).filter(([path]) => path !== '');
  // Packages for other platforms are wanted by the lock file and rightly absent.
  return wanted.every(([path, { version, optional }]) =>
    installed[path] === undefined ? optional === true : installed[path].version === version,
  );
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

async function install() {
  const started = Date.now();
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  say('Installing the dependencies of package-lock.json (npm ci; usually under a minute, needed once) ...');
  const heartbeat = setInterval(() => say(`Still installing, ${elapsed()} so far ...`), HEARTBEAT_MS);
  // npm tells its scripts where it is, so that they use the same one.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('js') ? [process.execPath, [npm]] : ['npm', []];
  const flags = ['ci', '--include=dev', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = start(command, [...first, ...flags], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const code = await exitCode(child).catch((error) => {
    output.push(Buffer.from(String(error)));
    return 1;
  });
  clearInterval(heartbeat);
  if (interrupted) process.exit(130);
  if (code !== 0) {
    // The first lines say what is wrong; npm prints its whole help after them.
    say(Buffer.concat(output).toString('utf8').trim().split('\n').slice(0, 30).join('\n'));
    fail(
      `npm ci failed after ${elapsed()}, see above. It needs the npm registry and a package-lock.json that fits package.json.`,
    );
  }
  if (!existsSync(PINNED_NODE)) {
    fail('npm did not run the install script of the package `node`, which brings the Node that Aegis runs on.');
  }
  say(`Dependencies installed in ${elapsed()}.`);
}

/** Only one process may install at a time. A hard link appears together with its content: the holder's pid. */
async function withInstallLock(work) {
  mkdirSync(dirname(INSTALL_LOCK), { recursive: true });
  const mine = `${INSTALL_LOCK}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  const release = () => {
    if (readHolder() === process.pid) rmSync(INSTALL_LOCK, { force: true });
    rmSync(mine, { force: true });
  };
  process.once('exit', release);
  let said = false;
  for (;;) {
    try {
      linkSync(mine, INSTALL_LOCK);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = readHolder();
    if (holder !== undefined && !isAlive(holder)) {
      breakLock(`${mine}.stale`);
      continue;
    }
    if (!said) say(`Waiting for process ${holder ?? ''}, which is installing the dependencies ...`);
    said = true;
    await sleep(POLL_MS);
    if (interrupted) process.exit(130);
  }
  await work();
  release();
  process.off('exit', release);
}

/** Moves a dead holder's lock away; should a living one have taken it in between, puts it back. */
function breakLock(aside) {
  try {
    renameSync(INSTALL_LOCK, aside);
    if (isAlive(readHolder(aside))) linkSync(aside, INSTALL_LOCK);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

function readHolder(file = INSTALL_LOCK) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Starts a child that hears of everything that is meant to end us. */
function start(command, args, options) {
  const child = spawn(command, args, options);
  endChild = (signal) => {
    interrupted = true;
    child.kill(signal);
  };
  return child;
}

async function run(entry, args) {
  const path = [dirname(PINNED_NODE), process.env.PATH ?? ''].join(delimiter);
  const launch = entry === ROLES ? JSON.parse(readFileSync(join(ROOT, LAUNCH), 'utf8')) : { flags: [], env: {} };
  const env = { NODE_COMPILE_CACHE: COMPILED, ...launch.env, ...process.env, PATH: path };
  process.exit(
    await exitCode(start(PINNED_NODE, [...launch.flags, join(ROOT, entry), ...args], { stdio: 'inherit', env })),
  );
}

/** The pid of the npm that runs us when a shell stands between it and us; some shells make way for what they start. */
function findNpm() {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(process.ppid)], { encoding: 'utf8' });
  const [, grandparent, command] = /^\s*(\d+)\s+(\S+)/.exec(stdout ?? '') ?? [];
  return /(^|\/)-?(ba|da|a|z)?sh$/.test(command ?? '') ? Number(grandparent) : undefined;
}

let interrupted = false;
let endChild = () => process.exit(130);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => endChild(signal));
// A signal to npm ends npm and perhaps its shell, but nobody passes it on to us: all we see is that they are gone.
const parent = process.ppid;
const npm = findNpm();
setInterval(() => {
  const orphaned = process.ppid !== parent || (npm !== undefined && !isAlive(npm));
  if (orphaned && !interrupted) endChild('SIGTERM');
}, POLL_MS).unref();

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) fail('Usage: node bootstrap.mjs <entry.ts> [arguments...]');
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Node ${OLDEST_NODE} or newer is needed to start; this is ${process.version}.`);
}
if (!existsSync(join(ROOT, entry))) fail(`There is no ${entry} in ${ROOT}.`);
if (!isInstalled()) {
  await withInstallLock(async () => {
    if (!isInstalled()) await install();
  });
}
await run(entry, args);
