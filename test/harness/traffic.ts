import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../kube/client/api-error.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import type { RestClient, RestRequest } from '../../kube/client/rest.ts';
import type { Harness } from './aegis.ts';

const group = '/apis/subresources.aegis.io/v1alpha1';
const rules = `/apis/aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalertopsrules`;

/** A request that failed: what it was, when, and how. */
export interface Failure {
  readonly what: string;
  /** 0 when kube-apiserver itself did not answer. */
  readonly status: number;
  readonly message: string;
  readonly at: string;
}

/** Requests that go on in the background, one after the other in each lane. */
export interface Traffic {
  /** How many have been answered so far. */
  answered(): number;
  /** Ends it, waits for the last answers, and tells what failed. */
  stop(): Promise<readonly Failure[]>;
}

/**
 * Sends these requests through kube-apiserver again and again until it is stopped.
 *
 * @param requests by what to call them; made anew each time, since some must not repeat themselves
 */
export function startTraffic(
  { rest }: Pick<Harness, 'rest'>,
  requests: Readonly<Record<string, (count: number) => RestRequest>>,
  pauseMs = 50,
): Traffic {
  const failures: Failure[] = [];
  const ending = new AbortController();
  const { signal } = ending;
  let answered = 0;
  const lane = async ([what, make]: [string, (count: number) => RestRequest]): Promise<void> => {
    for (let count = 0; !signal.aborted; count += 1) {
      try {
        await rest.request({ ...make(count), timeoutMs: 20_000 });
        answered += 1;
      } catch (error) {
        const status = error instanceof ApiError ? error.status : -1;
        failures.push({ what, status, message: String(error), at: new Date().toISOString() });
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const lanes = Promise.all(Object.entries(requests).map(lane));
  return {
    answered: () => answered,
    stop: async () => {
      ending.abort();
      await lanes;
      return failures;
    },
  };
}

/** Asks about this alert, for discovery and for the judgement of a webhook, and makes nothing. */
export function startApiTraffic(rest: RestClient, alert: string): Traffic {
  const path = `${group}/namespaces/${NAMESPACE}/aegisalerts/${alert}`;
  const query = { dryRun: 'All' };
  return startTraffic(
    { rest },
    {
      inspect: () => ({ method: 'GET', path: `${path}/inspect` }),
      trigger: (count) => {
        const body = { reason: 'traffic', requestID: `r-${count}` };
        return { method: 'POST', path: `${path}/trigger`, query, body };
      },
      discovery: () => ({ method: 'GET', path: group }),
      admission: (count) => ({ method: 'POST', path: rules, query, body: rule(`traffic-${count}`) }),
    },
  );
}

function rule(name: string): object {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      alertConditions: [{ type: 'Traffic.*', status: 'Firing' }],
      opsTemplate: { kind: 'AegisOpsTemplate', apiVersion: 'aegis.io/v1alpha1', name: 'nodehasemergencyevent' },
    },
  };
}
