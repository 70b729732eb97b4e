import { describe, expect, it } from '@jest/globals';
import { after, aPolicy, noon } from '../../test/builders/objects.ts';
import { withoutPauses, withPause, type UserPause } from './pauses.ts';

function paused(by: string, changes: Partial<UserPause> = {}): UserPause {
  return { id: `${by}-1`, by, reason: 'upgrade', since: '2026-01-02T11:00:00Z', ...changes };
}

const until = (expires: string): Partial<UserPause> => ({ expires });
const policy = (...pauses: UserPause[]) => aPolicy({ status: { pauses } });
const over = paused('old', until('2026-01-02T11:30:00Z'));

describe('adding a pause', () => {
  it('a new pause is added to those of other users, and expired pauses are removed', () => {
    expect(withPause(policy(paused('jane'), over), paused('joe'), noon)).toEqual([paused('jane'), paused('joe')]);
    expect(withPause(aPolicy(), paused('joe'), noon)).toEqual([paused('joe')]);
  });

  it('a new pause of the same user for the same reason only moves the end', () => {
    const again = paused('jane', { id: 'jane-2', since: '2026-01-02T12:00:00Z', ...until('2026-01-02T14:00:00Z') });
    expect(withPause(policy(paused('jane')), again, noon)).toEqual([paused('jane', until('2026-01-02T14:00:00Z'))]);
    expect(withPause(policy(paused('jane')), paused('jane', { id: 'jane-2' }), noon)).toBeUndefined();
    expect(withPause(policy(paused('jane')), paused('jane', { reason: 'other' }), noon)).toHaveLength(2);
  });
});

describe('resuming', () => {
  it("resuming removes a user's own pauses, and expired ones", () => {
    const all = policy(paused('jane'), paused('joe'), over, paused('jane', { id: 'j2', reason: 'other' }));
    expect(withoutPauses(all, { name: 'jane' }, noon)).toEqual([paused('joe')]);
    expect(withoutPauses(policy(paused('joe')), { name: 'jane' }, noon)).toBeUndefined();
    expect(
      withoutPauses(policy(paused('joe', until('2026-01-02T12:30:00Z'))), { name: 'joe' }, after(1900)),
    ).toBeUndefined();
  });

  it('resuming for all removes the pauses of all users, also of a user with that name', () => {
    expect(withoutPauses(policy(paused('jane'), paused('joe')), 'everybody', noon)).toEqual([]);
    expect(withoutPauses(policy(paused('jane')), { name: 'everybody' }, noon)).toBeUndefined();
  });
});
