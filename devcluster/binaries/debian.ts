import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import type { Log } from '../log.ts';
import { isExecutable } from './find.ts';
import { withLock } from './lock.ts';

const exec = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const BIN_FOLDERS = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin'];

/** The machine's C library and loader belong together, and every program of the same release runs with them. */
const NEVER_UNPACKED = new Set(['libc6', 'libc-bin']);

/** Debian packages in a folder of their own beside the machine's: nothing of them is installed, no service started. */
export interface DebianRoot {
  /** The folder, laid out like `/`, without the packages that are installed on the machine. */
  root: string;
  /** Absolute path of a program, from the folder or else from the machine; an error when neither has it. */
  bin(name: string): string;
  /** Absolute path of a file or folder such as `usr/lib/cni`, looked up the same way. */
  path(relative: string): string;
  /** Variables that unpacked programs need, to be added to the usual environment. */
  env: Record<string, string>;
}

/** The cache of packages and the log of downloads. */
export interface DebianOptions {
  cacheDir: string;
  log: Log;
}

/** One file to fetch, as apt names it. */
export interface Archive {
  name: string;
  bytes: number;
}

/**
 * Makes programs of Debian or Ubuntu packages usable without installing them: what the machine lacks is downloaded from
 * its own package sources, checked by apt's signatures, and unpacked under `cacheDir`. Needs no root. A second call
 * with the same names touches no network.
 */
export async function unpackDebianPackages(names: readonly string[], options: DebianOptions): Promise<DebianRoot> {
  const missing = await notInstalled(names);
  const root = join(options.cacheDir, `debian-${hashOf([process.arch, readRelease(), ...missing])}`);
  if (!existsSync(root)) {
    await withLock(`${root}.lock`, options.log, async () => {
      // Another process may have unpacked them while we waited.
      if (!existsSync(root)) await fill(root, missing, options.log);
    });
  }
  return describe(root);
}

async function notInstalled(names: readonly string[]): Promise<string[]> {
  const installed = new Set<string>();
  const status = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Abbrev}\n', ...names], {
    tolerant: true,
  });
  for (const line of status.split('\n')) {
    const [name, state] = line.split(' ');
    if (name !== undefined && state === 'ii') installed.add(name);
  }
  return [...new Set(names)].filter((name) => !installed.has(name)).sort();
}

async function fill(root: string, names: readonly string[], log: Log): Promise<void> {
  const partial = `${root}.partial`;
  const apt = `${root}.apt`;
  for (const leftover of [partial, apt]) rmSync(leftover, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    if (names.length > 0) {
      const archives = await fetch(names, apt, root, log);
      for (const archive of archives) await run('dpkg', ['-x', archive, partial], {});
    }
    renameSync(partial, root);
  } finally {
    for (const leftover of [partial, apt]) rmSync(leftover, { recursive: true, force: true });
  }
}

/** Downloads the packages, and those they need, that the machine lacks; answers the paths of their archives. */
async function fetch(names: readonly string[], apt: string, root: string, log: Log): Promise<string[]> {
  const archives = join(apt, 'cache', 'archives');
  for (const folder of [join(apt, 'state', 'lists', 'partial'), join(archives, 'partial')]) {
    mkdirSync(folder, { recursive: true });
  }
  const config = join(apt, 'apt.conf');
  writeFileSync(config, aptConfig(apt));
  log(`Debian packages missing on this machine: ${names.join(', ')}; reading the package lists`);
  await run('apt-get', ['-c', config, '-qq', 'update'], {});
  const install = ['-c', config, '-qq', '-y', '--no-install-recommends'];
  const wanted = parseArchives(await run('apt-get', [...install, '--print-uris', 'install', ...names], {}));
  log(`Fetching ${describeArchives(wanted)}; they are unpacked in ${root}, not installed`);
  await run('apt-get', [...install, '--download-only', '-o', 'Debug::NoLocking=true', 'install', ...names], {});
  const files = readdirSync(archives).filter((name) => name.endsWith('.deb') && !NEVER_UNPACKED.has(packageOf(name)));
  return files.sort().map((name) => join(archives, name));
}

/** Settings under which apt keeps its lists and archives to itself and runs none of the machine's hooks. */
function aptConfig(folder: string): string {
  return [
    `Dir::State "${join(folder, 'state')}";`,
    `Dir::State::status "/var/lib/dpkg/status";`,
    `Dir::Cache "${join(folder, 'cache')}";`,
    // As root apt would fetch as the user _apt, which cannot write into our folder.
    'APT::Sandbox::User "root";',
    'APT::Keep-Downloaded-Packages "true";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
    '#clear DPkg::Pre-Install-Pkgs;',
    '#clear DPkg::Post-Invoke;',
    '',
  ].join('\n');
}

/** Reads the lines `'<uri>' <file> <bytes> <hash>` of `apt-get --print-uris`. */
export function parseArchives(output: string): Archive[] {
  return [...output.matchAll(/^'[^']+' (\S+\.deb) (\d+)/gm)].map(([, file = '', bytes]) => ({
    name: packageOf(file),
    bytes: Number(bytes),
  }));
}

/** Returns one phrase with the number of archives, their names and their size. */
export function describeArchives(archives: readonly Archive[]): string {
  const megabytes = archives.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const names = archives.map(({ name }) => name).sort();
  return `${archives.length} packages, ${megabytes.toFixed(1)} MB: ${names.join(', ')}`;
}

function packageOf(file: string): string {
  return file.split('_', 1)[0] ?? file;
}

function describe(root: string): DebianRoot {
  const libraries = ['lib', 'usr/lib'].flatMap((folder) => multiarchFolders(join(root, folder)));
  const xtables = libraries.map((folder) => join(folder, 'xtables')).find((folder) => existsSync(folder));
  const path = [...BIN_FOLDERS.map((folder) => join(root, folder)), process.env['PATH'] ?? '', '/usr/sbin', '/sbin'];
  const find = (relative: string, usable: (candidate: string) => boolean): string | undefined =>
    [join(root, relative), join('/', relative)].find(usable);
  return {
    root,
    bin(name) {
      for (const folder of BIN_FOLDERS) {
        const found = find(join(folder, name), isExecutable);
        if (found !== undefined) return found;
      }
      throw new Error(`${name} is neither in ${root} nor installed on this machine`);
    },
    path(relative) {
      const found = find(relative, existsSync);
      if (found === undefined) throw new Error(`${relative} is neither in ${root} nor on this machine`);
      return found;
    },
    env: {
      PATH: path.filter((entry) => entry !== '').join(delimiter),
      LD_LIBRARY_PATH: [...libraries, process.env['LD_LIBRARY_PATH'] ?? ''].filter((entry) => entry !== '').join(':'),
      ...(xtables === undefined ? {} : { XTABLES_LIBDIR: xtables }),
    },
  };
}

/** Folders such as `usr/lib/x86_64-linux-gnu`. */
function multiarchFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /-linux-gnu/.test(name))
    .map((name) => join(folder, name));
}

/** Packages are unpacked anew after an upgrade of the machine to another release. */
function readRelease(): string {
  return existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}

async function run(command: string, args: readonly string[], options: { tolerant?: boolean }): Promise<string> {
  try {
    const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
    return (await exec(command, args, { env, maxBuffer: MAX_OUTPUT_BYTES })).stdout;
  } catch (error) {
    const failure = error as { code?: unknown; stdout?: string; stderr?: string };
    if (failure.code === 'ENOENT')
      throw new Error(`${command} is missing: this works on Debian and Ubuntu only`, { cause: error });
    if (options.tolerant === true) return failure.stdout ?? '';
    throw new Error(`${command} failed:\n${(failure.stderr ?? '').trim() || String(error)}`, { cause: error });
  }
}
