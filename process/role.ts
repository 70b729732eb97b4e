import type { Registry } from 'prom-client';
import type { Check } from './checks.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import { runUntilSignal, type Host } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import type { Logger } from '../lib/logger.ts';
import { createRegistry } from './metrics.ts';
import type { Runnable } from '../lib/runnable.ts';
import { createProbeServer } from './probes.ts';
import type { ProcessConfig } from './settings.ts';

/** Dependencies that a process gives to its roles. */
export interface Surroundings {
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** One role, built and not yet started: its parts and its health checks. */
export interface Role {
  /** `apiserver`, `worker` */
  readonly name: string;
  /** In the order of their start; stopped in reverse. */
  readonly parts: readonly Runnable[];
  /** Checks that fail when a restart would help. */
  readonly livez: readonly Check[];
  /** Checks that fail when the role should get no work. */
  readonly readyz: readonly Check[];
  /** Milliseconds between "not ready" and the first stop, for servers behind a load balancer; 0 when absent. */
  readonly drainDelayMs?: number;
}

type State = 'starting' | 'running' | 'draining';

/**
 * Runs roles in this process behind one probe port until a signal; resolves to the exit code.
 *
 * @param build constructs the roles; an error that it throws ends the process with 1
 */
export async function runRoles(
  config: ProcessConfig,
  build: (surroundings: Surroundings) => Promise<readonly Role[]> | readonly Role[],
  host: Host = process,
): Promise<number> {
  const logger = createLogger(config.logLevel);
  const registry = createRegistry();
  const roles = await build({ logger, registry, clock: systemClock() });
  let state: State = 'starting';
  const probes = createProbeServer({
    port: config.probePort,
    registry,
    logger,
    livez: [ping, ...roles.flatMap((role) => named(role, role.livez, roles))],
    readyz: [running(() => state), ...roles.flatMap((role) => named(role, role.readyz, roles))],
  });
  return runUntilSignal({
    parts: [probes, ...roles.flatMap((role) => role.parts)],
    logger,
    graceMs: config.shutdownGrace,
    exitWithParent: config.exitWithParent,
    drainDelayMs: Math.max(0, ...roles.map((role) => role.drainDelayMs ?? 0)),
    onStarted: () => {
      state = 'running';
    },
    onDrain: () => {
      state = 'draining';
    },
    host,
  });
}

const ping: Check = { name: 'ping', check: () => undefined };

function running(state: () => State): Check {
  return {
    name: 'running',
    check: () => {
      if (state() !== 'running') throw new Error(`the process is ${state()}`);
      return undefined;
    },
  };
}

/** Prefixes checks with their role, because two roles in one process may have checks of the same name. */
function named(role: Role, checks: readonly Check[], roles: readonly Role[]): Check[] {
  return checks.map((one) =>
    roles.length === 1 ? one : { name: `${role.name}-${one.name}`, check: () => one.check() },
  );
}
