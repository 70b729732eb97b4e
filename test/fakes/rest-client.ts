import type { RestClient } from '../../kube/client/rest.ts';

/** A REST client without a connection: requests go to the function, and every stream fails. */
export function fakeRest(
  request: RestClient['request'] = () => Promise.reject(new Error('the fake answers no request')),
): RestClient {
  const rest: RestClient = {
    request,
    stream: () => Promise.reject(new Error('the fake opens no stream')),
    withSignal: () => rest,
  };
  return rest;
}
