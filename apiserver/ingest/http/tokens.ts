import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Refusal } from '../../http/refusal.ts';

/** Who may send: bearer tokens from a file, one a line, each with the namespaces that it may publish to. */
export interface Tokens {
  /** @throws Refusal: 401 and 403 for the sender, 503 while nobody can say */
  authorise(authorization: string | undefined, namespace: string): Promise<void>;
}

interface Token {
  digest: Buffer;
  /** Empty = all. */
  namespaces: string[];
}

/** Milliseconds after which the file is read again, so that tokens can be replaced while the process runs. */
const maxAgeMs = 2_000;

/**
 * @param path lines of `<token> [namespace...]`; empty lines and lines that begin with # are skipped
 * @param monotonicMs see `Clock`
 */
export function createTokens(
  path: string,
  monotonicMs: () => number,
  read: (path: string) => Promise<string> = (file) => readFile(file, 'utf8'),
): Tokens {
  let known: { tokens: Promise<Token[]>; until: number } | undefined;

  return {
    authorise: async (authorization, namespace) => {
      const presented = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (presented === undefined) throw new Refusal(401, 'TokenRequired', 'a bearer token is required');
      const digest = sha256(presented);
      // Every token is compared, so that the time tells nothing.
      const [token] = (await current()).filter((candidate) => timingSafeEqual(candidate.digest, digest));
      if (token === undefined) throw new Refusal(401, 'TokenUnknown', 'the token is not known');
      if (token.namespaces.length > 0 && !token.namespaces.includes(namespace)) {
        throw new Refusal(403, 'NamespaceForbidden', 'the token may not publish to this namespace');
      }
    },
  };

  function current(): Promise<Token[]> {
    if (known === undefined || known.until < monotonicMs()) {
      known = { tokens: load(), until: monotonicMs() + maxAgeMs };
    }
    return known.tokens;
  }

  async function load(): Promise<Token[]> {
    const text = await read(path).catch(() => {
      // Neither open for everyone nor lost: the sender comes again.
      throw new Refusal(503, 'TokensUnreadable', 'the tokens cannot be read now; send this again later');
    });
    return parseTokens(text);
  }
}

function parseTokens(text: string): Token[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [token = '', ...namespaces] = line.split(/[\s,]+/);
      return { digest: sha256(token), namespaces };
    });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
