import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Returns the folder of everything that is expensive to get: `AEGIS_CACHE_DIR` if set, else `aegis/devcluster` in the user's cache
 * folder (`XDG_CACHE_HOME`, by default `~/.cache`). Safe to delete; it is filled again when needed.
 */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  const own = env['AEGIS_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const xdg = env['XDG_CACHE_HOME'];
  const base = xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache');
  return join(base, 'aegis', 'devcluster');
}
