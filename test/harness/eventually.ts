/**
 * Waits until `look` finds something other than undefined and false, and answers it.
 *
 * @param what completes the sentence "waited in vain for ..."
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { withinMs = 30_000, everyMs = 100 } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let failure: unknown;
  while (performance.now() < deadline) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`waited in vain for ${what} (${withinMs} ms)`, { cause: failure });
}
