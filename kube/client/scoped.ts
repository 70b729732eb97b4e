import type { SignalScope } from '../../lib/signal-scope.ts';
import type { RestClient, RestRequest } from './rest.ts';

/** Returns a client whose requests also end when the signal of the run that makes them aborts. */
export function scopedClient(rest: RestClient, scope: SignalScope): RestClient {
  function bind<R extends RestRequest>(request: R): R {
    const signal = scope.current();
    if (signal === undefined) return request;
    const both = request.signal === undefined ? signal : AbortSignal.any([request.signal, signal]);
    return { ...request, signal: both };
  }
  return {
    request: (request) => rest.request(bind(request)),
    stream: (request) => rest.stream(bind(request)),
  };
}
