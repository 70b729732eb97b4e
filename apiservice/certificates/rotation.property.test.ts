import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { Publication } from './publication.ts';
import { decideRotation, type Rotation } from './rotation.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Lives as in earnest, only shorter; the overlap is what an hour is here. */
const lives = { authority: 90 * hour, leaf: 15 * hour, overlap: hour, backdate: hour };

interface Ca {
  readonly id: string;
  readonly commonName: string;
  readonly certificate: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}
interface Leaf {
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}
interface Authorities {
  readonly current: Ca;
  readonly next?: Ca | undefined;
  readonly retired: readonly Ca[];
}
interface Versioned<T> {
  readonly version: number;
  readonly value: T;
}

const periodFrom = (now: Date, life: number) => ({
  notBefore: new Date(now.getTime() - lives.backdate),
  notAfter: new Date(now.getTime() + life),
});

/** The cluster and its replicas; each step of a replica is atomic, anything may happen between two of them. */
class Model {
  time = Date.UTC(2026, 0, 1);
  secret: Versioned<Authorities> | undefined;
  registered: Versioned<readonly Ca[]> | undefined;
  /** Everything expired while no replica was running: then a gap cannot be avoided. */
  emergency = false;
  readonly replicas: ModelReplica[];
  private versions = 0;

  constructor(skews: readonly number[]) {
    this.replicas = skews.map((skew) => new ModelReplica(this, skew));
  }

  newCa(now: Date): Ca {
    const id = `ca-${++this.versions}`;
    return { id, commonName: id, certificate: id, ...periodFrom(now, lives.authority) };
  }

  writeSecret(value: Authorities, before: Versioned<Authorities> | undefined): boolean {
    if (this.secret?.version !== before?.version) return false;
    this.secret = { version: ++this.versions, value };
    return true;
  }

  publish(value: readonly Ca[], before: Versioned<readonly Ca[]> | undefined): void {
    if (this.registered?.version === before?.version) this.registered = { version: ++this.versions, value };
  }
}

class ModelReplica {
  leaf: Leaf | undefined;
  private readonly model: Model;
  private readonly skew: number;
  private publication: Publication;
  private readSecret: { readonly found: Versioned<Authorities> | undefined } | undefined;
  private readRegistered: Versioned<readonly Ca[]> | undefined;

  constructor(model: Model, skew: number) {
    this.model = model;
    this.skew = skew;
    this.publication = new Publication(() => model.time);
  }

  now(): Date {
    return new Date(this.model.time + this.skew);
  }

  restart(): void {
    this.leaf = undefined;
    this.readSecret = undefined;
    this.readRegistered = undefined;
    this.publication = new Publication(() => this.model.time);
  }

  /** First reads, the next time acts upon what was read. */
  certificates(): void {
    const { model } = this;
    if (this.readSecret === undefined) {
      this.readSecret = { found: model.secret };
      return;
    }
    const before = this.readSecret.found;
    this.readSecret = undefined;
    this.publication.observe(model.registered?.value);
    const decision = this.decide(before?.value);
    if (decision.authorities !== 'keep') {
      this.note(decision.authorities, before?.value);
      model.writeSecret(this.after(decision.authorities, before?.value), before);
      return;
    }
    if (decision.leaf === 'issue' && before !== undefined) {
      const { id, notAfter } = before.value.current;
      const period = periodFrom(this.now(), lives.leaf);
      this.leaf = { issuer: id, ...period, notAfter: period.notAfter < notAfter ? period.notAfter : notAfter };
    }
  }

  /** As the real one: what is registered is read before the Secret. Making the first one is not interrupted here. */
  registration(): void {
    const { model } = this;
    if (this.readRegistered === undefined && model.registered !== undefined) {
      this.readRegistered = model.registered;
      return;
    }
    const before = this.readRegistered;
    this.readRegistered = undefined;
    if (model.secret === undefined) return;
    const { current, next, retired } = model.secret.value;
    this.pending = { bundle: [current, ...(next === undefined ? [] : [next]), ...retired], before };
    if (before === undefined) this.apply();
  }

  private pending:
    { readonly bundle: readonly Ca[]; readonly before: Versioned<readonly Ca[]> | undefined } | undefined;

  apply(): void {
    if (this.pending !== undefined) this.model.publish(this.pending.bundle, this.pending.before);
    this.pending = undefined;
  }

  private decide(authorities: Authorities | undefined): Rotation {
    const { publication, leaf } = this;
    return decideRotation(
      {
        authorities,
        publishedForMs: publication.publishedForMs(),
        withdrawn: publication.withdrawn(),
        leaf,
        overlapMs: lives.overlap,
      },
      this.now(),
    );
  }

  private note(step: Rotation['authorities'], before: Authorities | undefined): void {
    const trusted = this.model.registered?.value.some(({ id }) => id === before?.next?.id) ?? true;
    if (step === 'replace' || (step === 'promote' && !trusted)) this.model.emergency = true;
  }

  private after(step: Rotation['authorities'], before: Authorities | undefined): Authorities {
    const fresh = this.model.newCa(this.now());
    if (before === undefined || step === 'create' || step === 'replace') return { current: fresh, retired: [] };
    if (step === 'prepare') return { ...before, next: fresh };
    const valid = ({ notAfter }: Ca): boolean => this.now() < notAfter;
    if (step === 'promote' && before.next !== undefined) {
      return { current: before.next, retired: [...before.retired, before.current].filter(valid) };
    }
    return { ...before, retired: before.retired.filter(valid) };
  }
}

/** What kube-apiserver would refuse now. */
function untrusted(model: Model): string[] {
  const { registered, time, emergency } = model;
  if (registered === undefined || emergency) return [];
  const ids = registered.value.map(({ id }) => id);
  return model.replicas.flatMap(({ leaf }) => {
    // The last minutes of an authority are judged differently by clocks that differ.
    const isValid =
      leaf !== undefined && leaf.notBefore.getTime() <= time && time + 30 * minute < leaf.notAfter.getTime();
    return isValid && !ids.includes(leaf.issuer) ? [`${leaf.issuer} is not among ${ids.join(', ')}`] : [];
  });
}

const steps = fc.array(
  fc.record({
    replica: fc.nat({ max: 2 }),
    action: fc.oneof(
      { weight: 10, arbitrary: fc.constant('certificates' as const) },
      { weight: 4, arbitrary: fc.constant('registration' as const) },
      { weight: 4, arbitrary: fc.constant('apply' as const) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    ),
    minutes: fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 0, max: 30 }) },
      { weight: 1, arbitrary: fc.integer({ min: 60, max: 600 }) },
    ),
  }),
  { minLength: 600, maxLength: 1_000 },
);

describe('any number of replicas that rotate', () => {
  it('replicas serve only trusted certificates, even when they are suspended, restarted and late', () => {
    let rotations = 0;
    fc.assert(
      fc.property(steps, fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -10, max: 10 }))), (plan, skews) => {
        const model = new Model(skews.map((skew) => skew * minute));
        const signers = new Set<string | undefined>();
        const problems: string[] = [];
        for (const { replica, action, minutes } of plan) {
          model.replicas[replica]?.[action]();
          problems.push(...untrusted(model));
          model.time += minutes * minute;
          signers.add(model.secret?.value.current.id);
        }
        expect(problems).toEqual([]);
        rotations += signers.size;
      }),
      { numRuns: 200, endOnFailure: true },
    );
    // Otherwise nothing was tried.
    expect(rotations).toBeGreaterThan(500);
  });

  it('replicas that check every quarter of an hour always have a valid certificate', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 5, max: 15 }), { minLength: 800, maxLength: 800 }), (pauses) => {
        const model = new Model([0, 5 * minute, -5 * minute]);
        let bad = 0;
        for (const minutes of pauses) {
          for (const replica of model.replicas) {
            for (let i = 0; i < 10; i++) replica.certificates();
            for (let i = 0; i < 2; i++) replica.registration();
            replica.apply();
          }
          const ids = model.registered?.value.map(({ id }) => id);
          bad += model.replicas.filter(
            ({ leaf }) => leaf === undefined || leaf.notAfter.getTime() <= model.time || !ids?.includes(leaf.issuer),
          ).length;
          model.time += minutes * minute;
        }
        expect({ bad, emergency: model.emergency }).toEqual({ bad: 0, emergency: false });
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});
