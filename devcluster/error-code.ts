/** The code of a system error, e.g. `ENOENT`; works for errors of another realm, such as those in a test's sandbox. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
