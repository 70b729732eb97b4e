import type { Check } from '../../process/checks.ts';
import { errorMessage } from '../../process/error-fields.ts';
import type { Logger } from '../../lib/logger.ts';
import type { RedisClient } from './redis.ts';

type State = { known: true; policy: string } | { known: false; why: string } | undefined;

/** Checks that Redis never evicts keys to free memory: an evicted job is lost until the next resync. */
export interface EvictionGuard {
  /** Reads the setting from Redis. Call it periodically: an administrator may change the setting. Never rejects. */
  refresh(): Promise<void>;
  /** Fails while keys may be evicted; returns a warning when the setting cannot be read. */
  readonly check: Check;
}

/** Creates the check of the eviction policy; it also reads the setting after each connect. */
export function createEvictionGuard(client: RedisClient, logger: Logger): EvictionGuard {
  let state: State;

  async function refresh(): Promise<void> {
    const before = state;
    state = await readPolicy(client, before);
    if (state?.known === true && state.policy !== 'noeviction' && !sameState(before, state)) {
      logger.error({ policy: state.policy }, 'Redis may evict keys; set maxmemory-policy to noeviction');
    }
    if (state?.known === false && before?.known !== false) {
      logger.warn({ why: state.why }, 'Could not read the eviction policy of Redis');
    }
  }

  // After a failover the connection leads to another server.
  client.on('ready', () => void refresh());
  return {
    refresh,
    check: {
      name: 'redis-eviction-policy',
      check: () => {
        if (state === undefined) throw new Error('not checked yet');
        if (!state.known) return `could not be checked (${state.why}); make sure that maxmemory-policy is noeviction`;
        if (state.policy === 'noeviction') return undefined;
        throw new Error(`maxmemory-policy is ${state.policy}, must be noeviction`);
      },
    },
  };
}

/** Reads INFO first, then CONFIG: managed services often forbid CONFIG. */
async function readPolicy(client: RedisClient, before: State): Promise<State> {
  const failures: string[] = [];
  for (const ask of [policyFromInfo, policyFromConfig]) {
    try {
      const policy = await ask(client);
      if (policy !== undefined) return { known: true, policy };
    } catch (error) {
      // An outage does not change the policy: keep the last result.
      if (!isRefusal(error)) return before;
      failures.push(errorMessage(error));
    }
  }
  return { known: false, why: failures.at(-1) ?? 'Redis does not report it' };
}

async function policyFromInfo(client: RedisClient): Promise<string | undefined> {
  return /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1];
}

async function policyFromConfig(client: RedisClient): Promise<string | undefined> {
  const [, policy] = (await client.config('GET', 'maxmemory-policy')) as unknown[];
  return typeof policy === 'string' ? policy : undefined;
}

/** Returns true when Redis itself answered with an error, such as NOPERM or an unknown command. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

function sameState(a: State, b: State): boolean {
  return a?.known === true && b?.known === true && a.policy === b.policy;
}
