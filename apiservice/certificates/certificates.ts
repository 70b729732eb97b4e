import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { bundleOf, isValid, prepared, promoted, pruned, type Authorities, type Authority } from './authorities.ts';
import type { AuthorityStore, Stored } from './authority-store.ts';
import type { CertificateSource } from './certificate.ts';
import { createHolder } from './holder.ts';
import { authorityName, createIssuer, type Leaf, type Lifetimes } from './issuer.ts';
import type { ApiserviceMetrics } from '../metrics.ts';
import { periodic, type Periodic } from '../../lib/periodic.ts';
import { createPublication } from './publication.ts';
import { decideRotation, type Rotation } from './rotation.ts';

export interface CertificatesOptions extends Partial<Lifetimes> {
  readonly store: AuthorityStore;
  /** The authorities that everything registered trusts; undefined when nothing is registered. */
  readonly published: (signal: AbortSignal) => Promise<readonly Authority[] | undefined>;
  /** Whether something was registered by this process: what is gone after that was removed by somebody. */
  readonly hasRegistered: () => boolean;
  /** DNS names that the server is called by. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ApiserviceMetrics;
  /** Milliseconds that an authority is trusted before it is used; default ten minutes. */
  readonly overlapMs?: number | undefined;
  /** Milliseconds between two looks; default one minute. */
  readonly intervalMs?: number | undefined;
}

/** A serving certificate that is kept current, and what to trust it by. */
export interface Certificates extends CertificateSource {
  /** To be started before the servers; when `start` resolves there is a certificate unless the first look failed. */
  readonly part: Periodic;
  /** Fails while there is no valid certificate that those who call us would accept. */
  readonly ready: { readonly name: string; check(): string | undefined };
  /**
   * What clients must trust now, as PEM, read anew; undefined when that is somebody else's business.
   *
   * @throws when it cannot be read
   */
  bundle(): Promise<string | undefined>;
}

const defaultOverlapMs = 10 * 60_000;
const defaultIntervalMs = 60_000;
/** After a look that failed. */
const retryMs = 5_000;
/** Each round is a step of a rotation or a write that another replica was faster with. */
const maxRounds = 5;

/**
 * Certificates of our own: an authority that all replicas share in a Secret, and a leaf in the memory of each.
 *
 * @throws when lifetimes and intervals do not fit together
 */
export function createCertificates(options: CertificatesOptions): Certificates {
  const { store, published, clock, logger, metrics } = options;
  const { overlapMs = defaultOverlapMs, intervalMs = defaultIntervalMs } = options;
  const issuer = createIssuer({ ...options, overlapMs, intervalMs });
  const holder = createHolder();
  const publication = createPublication(() => clock.monotonicMs(), options.hasRegistered);
  let stored: Stored | undefined;
  let leaf: Leaf | undefined;

  const decide = (): Rotation =>
    decideRotation(
      {
        authorities: stored?.authorities,
        publishedForMs: publication.publishedForMs(),
        withdrawn: publication.withdrawn(),
        leaf,
        overlapMs,
      },
      clock.now(),
    );

  const look = async (signal: AbortSignal): Promise<void> => {
    for (let round = 0; round < maxRounds; round++) {
      stored = await store.read(signal);
      // After the Secret: whoever uninstalls removes the registration first, so where the Secret is gone that is gone too.
      publication.observe(await published(signal));
      const step = decide().authorities;
      if (step === 'keep') return;
      const written = await store.write(await after(step), stored, signal);
      if (written) report(step);
    }
  };

  const after = async (step: Exclude<Rotation['authorities'], 'keep'>): Promise<Authorities> => {
    const now = clock.now();
    const before = stored?.authorities;
    if (before === undefined || step === 'create' || step === 'replace') {
      // Whoever deleted the Secret did not mean that what replicas serve until now should be trusted no more.
      const known =
        before?.retired ?? publication.authorities().filter(({ commonName }) => authorityName.is(commonName));
      return { current: await issuer.authority(now), retired: known.filter((one) => isValid(one, now)) };
    }
    if (step === 'prepare') return prepared(before, await issuer.authority(now));
    return step === 'promote' ? promoted(before, now) : pruned(before, now);
  };

  const report = (step: Rotation['authorities']): void => {
    metrics.rotations.inc({ step });
    logger.info({ step, id: stored?.authorities?.current.id }, 'Certificate authority rotated');
  };

  /** Works from what is known also while the API server is away. */
  const renewLeaf = async (): Promise<void> => {
    const current = stored?.authorities?.current;
    if (current !== undefined) metrics.expiry.set({ certificate: 'ca' }, current.notAfter.getTime() / 1_000);
    if (current === undefined || decide().leaf === 'keep') return;
    leaf = await issuer.leaf(current, clock.now());
    metrics.rotations.inc({ step: 'issue' });
    metrics.expiry.set({ certificate: 'serving' }, leaf.notAfter.getTime() / 1_000);
    logger.info({ notAfter: leaf.notAfter, issuer: leaf.issuer }, 'Serving certificate issued');
    holder.set(leaf);
  };

  const attempt = async (work: () => Promise<void>, signal: AbortSignal): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      metrics.certificateFailures.inc();
      logger.error({ err: error }, 'Certificates not kept current');
      return false;
    }
  };

  /** Only the registration can change that, and it may be about to. */
  const isDistrusted = (): boolean => leaf !== undefined && publication.publishedForMs()?.has(leaf.issuer) === false;

  const work = async (signal: AbortSignal): Promise<number> => {
    const looked = await attempt(() => look(signal), signal);
    const renewed = await attempt(renewLeaf, signal);
    return looked && renewed && !isDistrusted() ? intervalMs : Math.min(intervalMs, retryMs);
  };

  const check = (): string | undefined => {
    if (leaf === undefined) throw new Error('there is no serving certificate yet');
    if (!isValid(leaf, clock.now())) throw new Error('the serving certificate is not valid now');
    if (isDistrusted()) throw new Error('what is registered does not trust the serving certificate yet');
    return undefined;
  };

  return {
    current: () => holder.current(),
    onChange: (listener) => holder.onChange(listener),
    part: periodic({ name: 'certificates', clock, periodMs: intervalMs, work, logger, runAtStart: true }),
    ready: { name: 'certificate', check },
    bundle: async () => {
      const authorities = (await store.read())?.authorities;
      if (authorities === undefined) throw new Error('there is no certificate authority yet');
      return bundleOf(authorities);
    },
  };
}
