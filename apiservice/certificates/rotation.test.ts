import { describe, expect, it } from '@jest/globals';

import { decideRotation, type RotationState } from './rotation.ts';

const hour = 3_600_000;
const at = (hours: number): Date => new Date(Date.UTC(2026, 0, 1) + hours * hour);
const authority = (id: string, from: number, to: number) => ({ id, notBefore: at(from), notAfter: at(to) });
const leaf = (issuer: string, from: number, to: number) => ({ issuer, notBefore: at(from), notAfter: at(to) });
const published = (...entries: [string, number][]): ReadonlyMap<string, number> =>
  new Map(entries.map(([id, hours]) => [id, hours * hour]));

/** An authority of 90 hours, a certificate of 15, in the middle of their lives. */
const calm: RotationState = {
  authorities: { current: authority('a', 0, 90), retired: [] },
  publishedForMs: published(['a', 30]),
  withdrawn: false,
  leaf: leaf('a', 20, 35),
  overlapMs: hour,
};
const rotating: RotationState = {
  ...calm,
  authorities: { current: authority('a', 0, 90), next: authority('b', 60, 150), retired: [] },
  leaf: leaf('a', 58, 73),
};
const handedOver: RotationState = {
  ...calm,
  authorities: { current: authority('b', 60, 150), retired: [authority('a', 0, 90)] },
  leaf: leaf('a', 58, 73),
};

describe('the next step of a replica for the authorities', () => {
  it.each<[string, RotationState, number, string]>([
    ['nothing in the middle of a life', calm, 30, 'keep'],
    ['makes the first', { ...calm, authorities: undefined, publishedForMs: undefined }, 0, 'create'],
    ['makes a new one when the Secret is gone', { ...calm, authorities: undefined }, 30, 'create'],
    [
      'makes none during an uninstall',
      { ...calm, authorities: undefined, publishedForMs: undefined, withdrawn: true },
      30,
      'keep',
    ],
    ['prepares the next at two thirds', calm, 60, 'prepare'],
    ['not a moment before', calm, 59.9, 'keep'],
    ['does not promote what is not published', { ...rotating, publishedForMs: published(['a', 60]) }, 61, 'keep'],
    [
      'does not promote what was published just now',
      { ...rotating, publishedForMs: published(['a', 60], ['b', 0.9]) },
      61,
      'keep',
    ],
    [
      'promotes what was published for the overlap',
      { ...rotating, publishedForMs: published(['a', 60], ['b', 1]) },
      61,
      'promote',
    ],
    ['promotes at once when nothing is registered', { ...rotating, publishedForMs: undefined }, 61, 'promote'],
    [
      'shortens the overlap rather than let the current one expire',
      { ...rotating, publishedForMs: published(['a', 89], ['b', 0]) },
      89.5,
      'promote',
    ],
    ['promotes when the current one has expired', { ...rotating, publishedForMs: published(['a', 90]) }, 91, 'promote'],
    ['starts anew when all have expired', rotating, 200, 'replace'],
    ['starts anew when there is no next', calm, 91, 'replace'],
    ['leaves alone what is not valid yet: its clock is wrong', calm, -5, 'keep'],
    ['does not promote what is not valid yet', { ...rotating, publishedForMs: undefined }, 59, 'keep'],
    ['keeps a retired one that is still valid', handedOver, 80, 'keep'],
    ['forgets a retired one that has expired', handedOver, 90, 'prune'],
  ])('the next step for the authorities: %s', (_, state, hours, expected) => {
    expect(decideRotation(state, at(hours)).authorities).toBe(expected);
  });
});

describe('the next step of a replica for its certificate', () => {
  it.each<[string, RotationState, number, string]>([
    ['keeps it in the middle of its life', calm, 25, 'keep'],
    ['renews it at two thirds', calm, 30, 'issue'],
    ['has one made at the start', { ...calm, leaf: undefined }, 25, 'issue'],
    [
      'also when nobody trusts the authority yet',
      { ...calm, leaf: undefined, publishedForMs: published() },
      25,
      'issue',
    ],
    ['replaces an expired one', calm, 36, 'issue'],
    ['replaces one that is not valid yet: the clock was wrong then', calm, 19, 'issue'],
    ['has none made by an authority that has expired', calm, 91, 'keep'],
    [
      'stays with the old authority while the new one is not published',
      { ...handedOver, publishedForMs: published(['a', 60]) },
      61,
      'keep',
    ],
    [
      'stays with it while the new one was published just now',
      { ...handedOver, publishedForMs: published(['a', 60], ['b', 0.5]) },
      61,
      'keep',
    ],
    ['changes over after the overlap', { ...handedOver, publishedForMs: published(['a', 60], ['b', 1]) }, 61, 'issue'],
    ['changes over when nothing is registered', { ...handedOver, publishedForMs: undefined }, 61, 'issue'],
    [
      'changes over at once when the old one is not trusted any more',
      { ...handedOver, publishedForMs: published(['b', 0]) },
      61,
      'issue',
    ],
    [
      'does not wait for the overlap until it is too late',
      { ...handedOver, publishedForMs: published(['a', 60], ['b', 0.5]) },
      71,
      'issue',
    ],
  ])('the next step for a certificate: %s', (_, state, hours, expected) => {
    expect(decideRotation(state, at(hours)).leaf).toBe(expected);
  });
});
