/** A worker process that takes a job and never ends it; started by a test, which kills it. */
import { createBench } from './bench.ts';

const [url = '', prefix = '', lockMs = '500'] = process.argv.slice(2);
const bench = createBench(url, prefix);
await bench.work(
  ({ name }) => {
    process.stdout.write(`holding ${name}\n`);
    return new Promise(() => undefined);
  },
  { lockMs: Number(lockMs) },
);
