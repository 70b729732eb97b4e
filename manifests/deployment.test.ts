import { describe, expect, it } from '@jest/globals';
import { parseDuration } from '../lib/duration.ts';
import { apiserverDeployment, priorityClass, workerDeployment } from './deployment.ts';
import type { Manifest } from './manifest.ts';
import { apiserverNetworkPolicy, workerNetworkPolicy } from './network-policy.ts';
import { podPorts, podsOf } from './pods.ts';
import { apiserverService, disruptionBudgets } from './service.ts';

interface Deployment {
  replicas: number;
  template: {
    metadata: { labels: Record<string, string> };
    spec: {
      priorityClassName: string;
      terminationGracePeriodSeconds: number;
      affinity: object;
      containers: [{ args: string[] }];
    };
  };
}

function specOf(manifest: Manifest): Deployment {
  return manifest['spec'] as Deployment;
}

/** A duration among the flags of a Deployment; seconds. */
function flag({ template }: Deployment, name: string): number {
  const argument = template.spec.containers[0].args.find((one) => one.startsWith(`--${name}=`)) ?? '';
  return parseDuration(argument.slice(argument.indexOf('=') + 1)) / 1_000;
}

describe.each([
  ['apiserver', apiserverDeployment, apiserverNetworkPolicy] as const,
  ['worker', workerDeployment, workerNetworkPolicy] as const,
])('the %s role in pods', (role, deployment, policy) => {
  const { replicas, template } = specOf(deployment);

  it('keeps its replicas apart, and before others', () => {
    expect(replicas).toBe(2);
    expect(JSON.stringify(template.spec.affinity)).toContain('kubernetes.io/hostname');
    expect(JSON.stringify(template.spec.affinity)).toContain(JSON.stringify(podsOf(role)));
    expect(template.spec.priorityClassName).toBe(priorityClass.metadata.name);
  });

  it('is killed only after it had the time to end', () => {
    const grace = flag(specOf(deployment), 'shutdown-grace');
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(grace);
  });

  it('is what its network policy and its disruption budget mean', () => {
    expect(template.metadata.labels).toMatchObject(podsOf(role));
    expect((policy['spec'] as { podSelector: object }).podSelector).toEqual({ matchLabels: podsOf(role) });
    const budget = disruptionBudgets.find(({ metadata }) => metadata.name === deployment.metadata.name);
    expect((budget?.['spec'] as { selector: object }).selector).toEqual({ matchLabels: podsOf(role) });
  });
});

describe('the apiserver role in pods', () => {
  it('serves for a while when it is no longer ready', () => {
    const deployment = specOf(apiserverDeployment);
    expect(flag(deployment, 'drain-delay')).toBeGreaterThanOrEqual(5);
    // The time to end begins with the signal and includes the wait.
    expect(flag(deployment, 'shutdown-grace')).toBeGreaterThan(flag(deployment, 'drain-delay'));
  });

  it('is what its Service means', () => {
    const { selector, ports } = apiserverService['spec'] as { selector: object; ports: { targetPort: string }[] };
    expect(selector).toEqual(podsOf('apiserver'));
    expect(ports.map(({ targetPort }) => targetPort).filter((port) => !(port in podPorts.apiserver))).toEqual([]);
  });

  it('opens to all only what kube-apiserver calls', () => {
    const { ingress } = apiserverNetworkPolicy['spec'] as { ingress: { from?: object[]; ports: { port: string }[] }[] };
    const open = ingress.filter(({ from }) => from === undefined).flatMap(({ ports }) => ports.map(({ port }) => port));
    expect(open).toEqual(['api', 'webhooks']);
  });
});
