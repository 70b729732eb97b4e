import { describe, expect, it } from '@jest/globals';
import { after, noon } from '../../test/builders/objects.ts';
import { reminderSchedule } from './reminder.ts';

const deadline = after(1_000);

describe('the time that users have', () => {
  it.each<[number, string | undefined, number]>([
    [0, undefined, 500],
    [499, undefined, 500],
    [500, '50% of the time to approve has passed', 800],
    [799, '50% of the time to approve has passed', 800],
    [800, '80% of the time to approve has passed', 1_000],
    [2_000, '80% of the time to approve has passed', 1_000],
  ])('the reminder of an approval after %d of 1000 seconds is: %s', (seconds, reminder, again) => {
    expect(reminderSchedule(noon, deadline, after(seconds))).toEqual({
      ...(reminder && { reminder }),
      again: after(again),
    });
  });

  it('an approval with a timeout of zero is over at once', () => {
    expect(reminderSchedule(noon, noon, noon).again).toEqual(noon);
  });
});
