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

  it('the Deployment spreads its replicas and has a PriorityClass', () => {
    expect(replicas).toBe(2);
    expect(JSON.stringify(template.spec.affinity)).toContain('kubernetes.io/hostname');
    expect(JSON.stringify(template.spec.affinity)).toContain(JSON.stringify(podsOf(role)));
    expect(template.spec.priorityClassName).toBe(priorityClass.metadata.name);
  });

  it('the termination grace period is longer than the shutdown of the process', () => {
    const grace = flag(specOf(deployment), 'shutdown-grace');
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(grace);
  });

  it('the network policy and the disruption budget select the pods of the role', () => {
    expect(template.metadata.labels).toMatchObject(podsOf(role));
    expect((policy['spec'] as { podSelector: object }).podSelector).toEqual({ matchLabels: podsOf(role) });
    const budget = disruptionBudgets.find(({ metadata }) => metadata.name === deployment.metadata.name);
    expect((budget?.['spec'] as { selector: object }).selector).toEqual({ matchLabels: podsOf(role) });
  });
});

describe('the apiserver role in pods', () => {
  it('the apiserver role keeps serving for a while when it is no longer ready', () => {
    const deployment = specOf(apiserverDeployment);
    expect(flag(deployment, 'drain-delay')).toBeGreaterThanOrEqual(5);
    // The time to end begins with the signal and includes the wait.
    expect(flag(deployment, 'shutdown-grace')).toBeGreaterThan(flag(deployment, 'drain-delay'));
  });

  it('the Service of the apiserver role selects its pods and ports', () => {
    const { selector, ports } = apiserverService['spec'] as { selector: object; ports: { targetPort: string }[] };
    expect(selector).toEqual(podsOf('apiserver'));
    expect(ports.map(({ targetPort }) => targetPort).filter((port) => !(port in podPorts.apiserver))).toEqual([]);
  });

  it('the network policy of the apiserver role opens only the ports of kube-apiserver to all', () => {
    const { ingress } = apiserverNetworkPolicy['spec'] as { ingress: { from?: object[]; ports: { port: string }[] }[] };
    const open = ingress.filter(({ from }) => from === undefined).flatMap(({ ports }) => ports.map(({ port }) => port));
    expect(open).toEqual(['api', 'webhooks']);
  });
});
