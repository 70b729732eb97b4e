/** When approvers are reminded, as shares of the time to approve. */
const reminders = [
  { share: 0.8, text: '80% of the time to approve has passed' },
  { share: 0.5, text: '50% of the time to approve has passed' },
] as const;

/** The state of the reminders of an approval. */
export interface ReminderSchedule {
  /** The text of the last reminder; absent at first. */
  readonly reminder?: string;
  /** When the next reminder is due, or the approval expires. */
  readonly again: Date;
}

/** Returns the state of the reminders at a moment. */
export function reminderSchedule(asked: Date, deadline: Date, now: Date): ReminderSchedule {
  const whole = deadline.getTime() - asked.getTime();
  const at = (share: number): Date => new Date(asked.getTime() + share * whole);
  const due = reminders.find(({ share }) => now >= at(share));
  const next = reminders.findLast(({ share }) => now < at(share));
  return { ...(due && { reminder: due.text }), again: next === undefined ? deadline : at(next.share) };
}
