import type { RestClient } from '../../kube/client/rest.ts';

/**
 * A REST client without a connection: requests go to the function, each with the signal that would end it, and every
 * stream fails.
 */
export function fakeRest(
  request: RestClient['request'] = () => Promise.reject(new Error('the fake answers no request')),
): RestClient {
  return {
    request,
    stream: () => Promise.reject(new Error('the fake opens no stream')),
    withSignal: (current) => fakeRest((sent) => request({ ...sent, signal: sent.signal ?? current() })),
  };
}
