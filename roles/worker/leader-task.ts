import type { Task } from '../../controllers/controller.ts';
import type { Led } from './leadership.ts';

/** Returns a task that works only while this process leads. */
export function leaderTask(task: Task): { task: Task; led: Led } {
  let leading = false;
  return {
    task: {
      ...task,
      work: async () => {
        if (leading) await task.work();
      },
    },
    led: {
      startLeading: () => {
        leading = true;
      },
      stopLeading: () => {
        leading = false;
      },
    },
  };
}
