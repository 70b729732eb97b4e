/** A worker process that takes a job and never ends it; started by a test, which kills it. */
import { createTestQueue } from './test-queue.ts';

const [url = '', prefix = '', lockMs = '500'] = process.argv.slice(2);
const queue = createTestQueue(url, prefix);
await queue.work(
  ({ name }) => {
    process.stdout.write(`holding ${name}\n`);
    return new Promise(() => undefined);
  },
  { lockMs: Number(lockMs) },
);
