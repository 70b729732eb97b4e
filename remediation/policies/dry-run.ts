import type { EffectivePolicy } from './effective.ts';

/** Which policies keep everything from being submitted, as a sentence without its end. */
export function dryRunOnly({ dryRun }: Pick<EffectivePolicy, 'dryRun'>): string {
  return dryRun.length === 1
    ? `policy ${dryRun[0]} allows dry runs only`
    : `policies ${dryRun.join(', ')} allow dry runs only`;
}
