import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { bundleOf, isValid, prepared, promoted, pruned, type Authorities, type Authority } from './authorities.ts';
import type { AuthorityStore, Stored } from './authority-store.ts';
import type { Certificates, ServingCertificate } from './certificate.ts';
import { createHolder } from './holder.ts';
import { authorityName, createIssuer, type Issuer, type Leaf, type Lifetimes } from './issuer.ts';
import type { ApiserviceMetrics } from '../metrics.ts';
import { periodic, type Periodic } from '../../lib/periodic.ts';
import type { Publication } from './publication.ts';
import { decideRotation, type Rotation } from './rotation.ts';

export interface CertificatesOptions extends Partial<Lifetimes> {
  readonly store: AuthorityStore;
  /** Returns the authorities that all registered objects trust; undefined when nothing is registered. */
  readonly published: (signal: AbortSignal) => Promise<readonly Authority[] | undefined>;
  /** Is given what `published` returns; shared with the registration. */
  readonly publication: Publication;
  /** DNS names of the server. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ApiserviceMetrics;
  /** Milliseconds that an authority is trusted before it is used; default ten minutes. */
  readonly overlapMs?: number | undefined;
  /** Milliseconds between two checks; default one minute. */
  readonly intervalMs?: number | undefined;
}

const defaultOverlapMs = 10 * 60_000;
const defaultIntervalMs = 60_000;
/** After a failure. */
const retryMs = 5_000;
/** Each round is a step of a rotation or a write that lost against another replica. */
const maxRounds = 5;

/** Certificates that Aegis issues itself: all replicas share an authority in a Secret, each has a leaf in memory. */
export class IssuedCertificates implements Certificates {
  readonly part: Periodic;
  readonly ready: Certificates['ready'] = { name: 'certificate', check: () => this.#check() };
  readonly #options: CertificatesOptions;
  readonly #overlapMs: number;
  readonly #intervalMs: number;
  readonly #issuer: Issuer;
  readonly #holder = createHolder();
  #stored: Stored | undefined;
  #leaf: Leaf | undefined;

  /** @throws when lifetimes and intervals do not fit together */
  constructor(options: CertificatesOptions) {
    const { clock, logger, overlapMs = defaultOverlapMs, intervalMs = defaultIntervalMs } = options;
    this.#options = options;
    this.#overlapMs = overlapMs;
    this.#intervalMs = intervalMs;
    this.#issuer = createIssuer({ ...options, overlapMs, intervalMs });
    this.part = periodic({
      name: 'certificates',
      clock,
      periodMs: intervalMs,
      work: (signal) => this.#run(signal),
      logger,
      runAtStart: true,
    });
  }

  current(): ServingCertificate | undefined {
    return this.#holder.current();
  }

  onChange(listener: () => void): () => void {
    return this.#holder.onChange(listener);
  }

  async bundle(): Promise<string> {
    const authorities = (await this.#options.store.read())?.authorities;
    if (authorities === undefined) throw new Error('there is no certificate authority yet');
    return bundleOf(authorities);
  }

  /** Returns the milliseconds until the next run. */
  async #run(signal: AbortSignal): Promise<number> {
    const rotated = await this.#attempt(() => this.#rotate(signal), signal);
    const renewed = await this.#attempt(() => this.#renewLeaf(), signal);
    return rotated && renewed && !this.#isDistrusted() ? this.#intervalMs : Math.min(this.#intervalMs, retryMs);
  }

  /** Returns false when the work failed, unless it was stopped. */
  async #attempt(work: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.#options.metrics.certificateFailures.inc();
      this.#options.logger.error({ err: error }, 'Could not keep the certificates current');
      return false;
    }
  }

  async #rotate(signal: AbortSignal): Promise<void> {
    const { store, published, publication, logger, metrics } = this.#options;
    for (let round = 0; round < maxRounds; round++) {
      this.#stored = await store.read(signal);
      // After the Secret: an uninstallation deletes the registration first, so that it is gone where the Secret is gone.
      publication.observe(await published(signal));
      const step = this.#decide().authorities;
      if (step === 'keep') return;
      const written = await store.write(await this.#after(step), this.#stored, signal);
      if (!written) continue;
      metrics.rotations.inc({ step });
      logger.info({ step, id: this.#stored?.authorities?.current.id }, 'Certificate authority rotated');
    }
  }

  #decide(): Rotation {
    const { publication, clock } = this.#options;
    return decideRotation(
      {
        authorities: this.#stored?.authorities,
        publishedForMs: publication.publishedForMs(),
        withdrawn: publication.withdrawn(),
        leaf: this.#leaf,
        overlapMs: this.#overlapMs,
      },
      clock.now(),
    );
  }

  /** Returns the authorities after a step of a rotation. */
  async #after(step: Exclude<Rotation['authorities'], 'keep'>): Promise<Authorities> {
    const now = this.#options.clock.now();
    const before = this.#stored?.authorities;
    if (before === undefined || step === 'create' || step === 'replace') {
      // A deleted Secret does not end the trust in the certificates that replicas still serve.
      const published = this.#options.publication.authorities();
      const known = before?.retired ?? published.filter(({ commonName }) => authorityName.is(commonName));
      return { current: await this.#issuer.authority(now), retired: known.filter((one) => isValid(one, now)) };
    }
    if (step === 'prepare') return prepared(before, await this.#issuer.authority(now));
    return step === 'promote' ? promoted(before, now) : pruned(before, now);
  }

  /** Works from what was read last, so also while the API server is unreachable. */
  async #renewLeaf(): Promise<void> {
    const { clock, logger, metrics } = this.#options;
    const current = this.#stored?.authorities?.current;
    if (current !== undefined) metrics.expiry.set({ certificate: 'ca' }, current.notAfter.getTime() / 1_000);
    if (current === undefined || this.#decide().leaf === 'keep') return;
    const leaf = await this.#issuer.leaf(current, clock.now());
    this.#leaf = leaf;
    metrics.rotations.inc({ step: 'issue' });
    metrics.expiry.set({ certificate: 'serving' }, leaf.notAfter.getTime() / 1_000);
    logger.info({ notAfter: leaf.notAfter, issuer: leaf.issuer }, 'Serving certificate issued');
    this.#holder.set(leaf);
  }

  /** Only the registration can change that, and it may be about to. */
  #isDistrusted(): boolean {
    const leaf = this.#leaf;
    return leaf !== undefined && this.#options.publication.publishedForMs()?.has(leaf.issuer) === false;
  }

  /** @throws Error while there is no valid certificate that our clients would accept */
  #check(): string | undefined {
    if (this.#leaf === undefined) throw new Error('there is no serving certificate yet');
    if (!isValid(this.#leaf, this.#options.clock.now())) throw new Error('the serving certificate is not valid now');
    if (this.#isDistrusted())
      throw new Error('the registered caBundle does not include the issuer of the serving certificate yet');
    return undefined;
  }
}
