import { Refusal } from './refusal.ts';

/** How much may be under way at once. */
export interface RequestLimits {
  readonly requests: number;
  /** Bytes of all bodies together. */
  readonly bytes: number;
}

/** The share of one request in the limits; disposing gives all of it back. */
export interface Slot extends Disposable {
  /** @throws Refusal when the bodies under way need too much memory */
  takeBytes(count: number): void;
}

/** Refuses requests that would make everything slow or exhaust the memory; the sender tries again. */
export class RequestLimiter {
  readonly #limits: RequestLimits;
  #requests = 0;
  #bytes = 0;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** @throws Refusal when too many requests are under way */
  enter(): Slot {
    const { requests, bytes } = this.#limits;
    if (this.#requests >= requests) throw overloaded(`${requests} requests are under way`);
    this.#requests += 1;
    let taken = 0;
    return {
      takeBytes: (count) => {
        if (this.#bytes + count > bytes) throw overloaded('the bodies under way need too much memory');
        this.#bytes += count;
        taken += count;
      },
      [Symbol.dispose]: () => {
        this.#requests -= 1;
        this.#bytes -= taken;
      },
    };
  }
}

/** 503: too much is under way. */
export function overloaded(why: string): Refusal {
  return new Refusal(503, 'Overloaded', `${why}; send this again later`);
}
