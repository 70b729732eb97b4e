import { compileSelector } from '../../lib/label-selector.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { AegisRemediationPolicy, MaintenanceWindow } from '../../crds/remediation-policy.ts';
import { effectiveApproval, type EffectiveApproval } from './effective-approval.ts';
import { concerns, type Selected } from './matching.ts';
import type { StormLimit } from './storms.ts';
import { isTimeZone } from './time-zone.ts';

/** The conditions under which an attempt counts as having helped; milliseconds, of each the longest of all policies. */
export interface Verification {
  /** How long the alert must be silent and the target healthy. */
  readonly healthyForMs: number;
  /** How long they may take to become so. */
  readonly timeoutMs: number;
}

/** The demands of all policies on one attempt: of each field the strictest value. */
export interface EffectivePolicy {
  /** Names of the policies that concern it, or may. */
  readonly policies: readonly string[];
  /** The parts that cannot be evaluated, each naming its policy; any of them must block. */
  readonly problems: readonly string[];
  readonly approval: EffectiveApproval;
  /** How long a target is left alone after an attempt; milliseconds, 0 = not at all. */
  readonly cooldownMs: number;
  /**
   * Attempts per episode, 1 unless a policy that is certainly about it grants more and one says how success is
   * verified.
   */
  readonly maxAttempts: number;
  /** The pause before the second attempt; milliseconds. Absent: no policy says. */
  readonly backoffMs?: number;
  readonly circuitBreaker?: { readonly failures: number; readonly openForMs: number };
  /** Those of each policy that has any: the windows of one add up, and all policies must agree. */
  readonly windows: readonly { readonly policy: string; readonly windows: readonly MaintenanceWindow[] }[];
  /** Those of each policy that has one; each holds work back by itself. */
  readonly storms: readonly StormLimit[];
  /** Names of the policies under which nothing is submitted. */
  readonly dryRun: readonly string[];
  readonly verification?: Verification;
  /**
   * Stop wins. `LetFinish` is also the default of a policy without this field, and would void every `Stop` beside
   * it; and a Workflow that is asked to stop acts less, never more.
   */
  readonly onResolve: 'LetFinish' | 'Stop';
}

/**
 * The strictest value of each field among the policies that concern an attempt, or may; pure. One more policy never
 * loosens anything, but for `maxAttempts`, which is there to grant more than one.
 *
 * @param selected target: what is known of what is acted upon; without it no label is known
 */
export function effectivePolicy(policies: readonly AegisRemediationPolicy[], selected: Selected): EffectivePolicy {
  const concerned = policies.filter((policy) => concerns(policy, selected) !== 'no');
  const problems: string[] = [];
  const { durations, breakers, verifications } = readAll(concerned, problems);
  const verification = strictest(verifications, (all) => ({
    healthyForMs: longest(all.map(({ healthyForMs }) => healthyForMs)),
    timeoutMs: longest(all.map(({ timeoutMs }) => timeoutMs)),
  }));
  const circuitBreaker = strictest(breakers, (all) => ({
    failures: Math.min(...all.map(({ failures }) => failures)),
    openForMs: longest(all.map(({ openForMs }) => openForMs)),
  }));
  const approval = effectiveApproval(concerned, (name, text) => duration(name, 'approval.timeout', text, problems));
  return {
    policies: concerned.map(nameOf),
    approval,
    cooldownMs: longest(durations.cooldown),
    ...(durations.backoff.length > 0 && { backoffMs: longest(durations.backoff) }),
    maxAttempts: verification === undefined ? 1 : maxAttemptsOf(concerned, selected),
    ...(circuitBreaker && { circuitBreaker }),
    windows: concerned.flatMap(windowsOf),
    storms: concerned.flatMap((policy) => stormLimits(policy, problems)),
    dryRun: concerned.filter(({ spec }) => spec.dryRun === true).map(nameOf),
    ...(verification && { verification }),
    onResolve: concerned.some(({ spec }) => spec.onResolve === 'Stop') ? 'Stop' : 'LetFinish',
    problems: [...problems, ...concerned.flatMap(unusableParts)],
  };
}

/** Which policies keep everything from being submitted, as a sentence without its end. */
export function dryRunOnly({ dryRun }: Pick<EffectivePolicy, 'dryRun'>): string {
  return dryRun.length === 1
    ? `policy ${dryRun[0]} allows dry runs only`
    : `policies ${dryRun.join(', ')} allow dry runs only`;
}

/** A policy that may apply to the attempt restricts, but grants nothing. */
function maxAttemptsOf(concerned: readonly AegisRemediationPolicy[], selected: Selected): number {
  const named = concerned.filter(({ spec }) => spec.maxAttempts !== undefined);
  const isGranted = named.some((policy) => concerns(policy, selected) === 'yes');
  return isGranted ? least(named.flatMap(({ spec }) => spec.maxAttempts ?? [])) : 1;
}

/** Returns the parts of one policy that cannot be evaluated, on any subject; such a policy blocks. */
export function problemsOf(policy: AegisRemediationPolicy): string[] {
  const problems: string[] = [];
  readAll([policy], problems);
  stormLimits(policy, problems);
  effectiveApproval([policy], (name, text) => duration(name, 'approval.timeout', text, problems));
  return [...problems, ...unusableParts(policy)];
}

function readAll(policies: readonly AegisRemediationPolicy[], problems: string[]) {
  const durations = { cooldown: [] as number[], backoff: [] as number[] };
  const breakers: { failures: number; openForMs: number }[] = [];
  const verifications: { healthyForMs: number; timeoutMs: number }[] = [];
  for (const policy of policies) {
    const { cooldown, backoff, circuitBreaker, verification } = policy.spec;
    const read = (field: string, text: string): number => duration(nameOf(policy), field, text, problems);
    if (cooldown !== undefined) durations.cooldown.push(read('cooldown', cooldown));
    if (backoff !== undefined) durations.backoff.push(read('backoff', backoff));
    if (circuitBreaker !== undefined) {
      const { failures, openFor } = circuitBreaker;
      breakers.push({ failures, openForMs: read('circuitBreaker.openFor', openFor) });
    }
    if (verification !== undefined) {
      const healthyForMs = read('verification.healthyFor', verification.healthyFor);
      verifications.push({ healthyForMs, timeoutMs: read('verification.timeout', verification.timeout) });
    }
  }
  return { durations, breakers, verifications };
}

/** @returns milliseconds; 0 for what cannot be read, which is among the problems then */
function duration(policy: string, field: string, text: string, problems: string[]): number {
  try {
    return parseDuration(text);
  } catch {
    problems.push(`policy ${policy}: spec.${field} is not a duration: ${JSON.stringify(text)}`);
    return 0;
  }
}

function unusableParts(policy: AegisRemediationPolicy): string[] {
  const { selector, maintenanceWindows = [] } = policy.spec;
  const name = `policy ${nameOf(policy)}`;
  const compiled = compileSelector(selector?.targetSelector);
  const zones = maintenanceWindows.map(({ timeZone }) => timeZone).filter((zone) => !isTimeZone(zone));
  return [
    ...(compiled.ok ? [] : [`${name}: spec.selector.targetSelector cannot be used: ${compiled.problem}`]),
    ...zones.map((zone) => `${name}: there is no time zone ${JSON.stringify(zone)}`),
  ];
}

function stormLimits(policy: AegisRemediationPolicy, problems: string[]): StormLimit[] {
  const { stormControl, selector } = policy.spec;
  if (stormControl === undefined) return [];
  const { alerts, window, cooldown } = stormControl;
  const read = (field: string, text: string): number => duration(nameOf(policy), field, text, problems);
  return [
    {
      policy: nameOf(policy),
      namespaces: selector?.namespaces ?? [],
      alerts,
      windowMs: read('stormControl.window', window),
      cooldownMs: read('stormControl.cooldown', cooldown),
    },
  ];
}

function windowsOf(policy: AegisRemediationPolicy): EffectivePolicy['windows'] {
  const { maintenanceWindows: windows = [] } = policy.spec;
  return windows.length === 0 ? [] : [{ policy: nameOf(policy), windows }];
}

function strictest<T>(all: readonly T[], combine: (all: readonly T[]) => T): T | undefined {
  return all.length === 0 ? undefined : combine(all);
}

function longest(all: readonly number[]): number {
  return Math.max(0, ...all);
}

function least(all: readonly number[]): number {
  return all.length === 0 ? 1 : Math.min(...all);
}

function nameOf({ metadata }: AegisRemediationPolicy): string {
  return metadata.name;
}
