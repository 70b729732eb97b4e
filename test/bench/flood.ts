import { parentPort, workerData } from 'node:worker_threads';
import { ApiError } from '../../kube/client/api-error.ts';
import { connect } from '../../kube/client/connection.ts';
import { createRestClient } from '../../kube/client/rest.ts';

/** Options of the thread that sends large bodies. */
export interface FloodOptions {
  readonly kubeconfig: string;
  readonly paths: readonly string[];
}

/**
 * A thread of its own, so that the measurement does not wait for the creation of the bodies. Sends to each path one body
 * after the other, until a message arrives. Posts a message after the first answer, and at the end the number of answers.
 */
const { kubeconfig, paths } = workerData as FloodOptions;
const rest = createRestClient(connect({ kubeconfig }));
/** Almost 3 MiB of JSON that is small things, which take longest to read. */
const body = {
  parameters: Object.fromEntries(Array.from({ length: 110_000 }, (_, index) => [`parameter-${index}`, 'value'])),
};
let going = true;
let answered = 0;

async function lane(path: string): Promise<void> {
  while (going) {
    await rest.request({ method: 'POST', path, body }).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status < 400) throw error;
      answered += 1;
      if (answered === 1) parentPort?.postMessage(answered);
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

parentPort?.once('message', () => {
  going = false;
});
await Promise.all(paths.map(lane));
parentPort?.postMessage(answered);
