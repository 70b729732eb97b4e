import { configMaps } from '../../../kube/kinds/config-map.ts';
import type { SharedInformers } from '../../../kube/cache/shared-informers.ts';
import type { Check } from '../../../process/checks.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { parseFrontProxyConfig, type FrontProxyConfig } from './front-proxy-config.ts';

/** The current configuration of the front proxy. */
export interface FrontProxy {
  /** Undefined while missing or unreadable: then no request is authenticated. Another object for each change. */
  current(): FrontProxyConfig | undefined;
  /** Called after `current` has changed. Returns a function that removes the listener. */
  onChange(listener: () => void): () => void;
  /** Seconds since the configuration last changed; 0 when there is none. */
  ageSeconds(): number;
  readonly loaded: Check;
}

const namespace = 'kube-system';
const name = 'extension-apiserver-authentication';

/**
 * Watches the ConfigMap in which kube-apiserver publishes its front-proxy configuration. The configuration outlives an
 * unreachable kube-apiserver; a deleted or unreadable ConfigMap removes it at once.
 */
export function watchFrontProxy(
  informers: SharedInformers,
  { logger, clock }: { readonly logger: Logger; readonly clock: Pick<Clock, 'monotonicMs'> },
): FrontProxy {
  const holder = createFrontProxyConfig(logger, clock);
  const informer = informers.of(configMaps, {
    name: 'front-proxy',
    namespace,
    fieldSelector: `metadata.name=${name}`,
  });
  informers.require('front-proxy');
  informer.onChange(({ type, object }) => {
    if (object.metadata.name === name) holder.set(type === 'deleted' ? undefined : (object.data ?? {}));
  });
  return holder;
}

/** Holds the content of the ConfigMap. */
export interface FrontProxyHolder extends FrontProxy {
  /** @param data of the ConfigMap; undefined when there is none */
  set(data: Readonly<Record<string, string>> | undefined): void;
}

export function createFrontProxyConfig(logger: Logger, clock: Pick<Clock, 'monotonicMs'>): FrontProxyHolder {
  const listeners = new Set<() => void>();
  let config: FrontProxyConfig | undefined;
  let problem = 'not read yet';
  let changedAt = 0;

  const replace = (next: FrontProxyConfig | undefined): void => {
    config = next;
    changedAt = clock.monotonicMs();
    for (const listener of listeners) listener();
  };
  return {
    current: () => config,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ageSeconds: () => (config === undefined ? 0 : (clock.monotonicMs() - changedAt) / 1_000),
    loaded: {
      name: 'front-proxy',
      check: () => {
        if (config === undefined) throw new Error(`ConfigMap ${namespace}/${name}: ${problem}`);
        return undefined;
      },
    },
    set: (data) => {
      try {
        if (data === undefined) throw new Error('it does not exist');
        const next = parseFrontProxyConfig(data);
        if (JSON.stringify(next) === JSON.stringify(config)) return;
        replace(next);
        logger.info(
          { allowedNames: next.allowedNames, authorities: next.authorities.length },
          'Front-proxy configuration loaded',
        );
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        replace(undefined);
        logger.error({ err: error }, 'Could not load the front-proxy configuration; refusing all requests');
      }
    },
  };
}
