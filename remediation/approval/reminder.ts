/** When people are reminded, as parts of the time that they have. */
const reminders = [
  { share: 0.8, text: '80% of the time to approve has passed' },
  { share: 0.5, text: '50% of the time to approve has passed' },
] as const;

/** What is left of the time in which people are waited for. */
export interface ReminderSchedule {
  /** What they are reminded of; absent at first. */
  readonly reminder?: string;
  /** When there is something to remind of next, or the time is over. */
  readonly again: Date;
}

/** How far the time is over in which somebody has to answer. */
export function reminderSchedule(asked: Date, deadline: Date, now: Date): ReminderSchedule {
  const whole = deadline.getTime() - asked.getTime();
  const at = (share: number): Date => new Date(asked.getTime() + share * whole);
  const due = reminders.find(({ share }) => now >= at(share));
  const next = reminders.findLast(({ share }) => now < at(share));
  return { ...(due && { reminder: due.text }), again: next === undefined ? deadline : at(next.share) };
}
