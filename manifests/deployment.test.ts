import { describe, expect, it } from '@jest/globals';
import { parseDuration } from '../crds/duration.ts';
import { apiserverDeployment, apiserverPorts, priorityClass } from './deployment.ts';
import { apiserverNetworkPolicy } from './network-policy.ts';
import { apiserverPods, apiserverService } from './service.ts';

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

const { replicas, template } = apiserverDeployment['spec'] as Deployment;
const { spec } = template;

function flag(name: string): number {
  const argument = spec.containers[0].args.find((one) => one.startsWith(`--${name}=`)) ?? '';
  return parseDuration(argument.slice(argument.indexOf('=') + 1)) / 1_000;
}

describe('the apiserver role in pods', () => {
  it('keeps its replicas apart, and before others', () => {
    expect(replicas).toBe(2);
    expect(JSON.stringify(spec.affinity)).toContain('kubernetes.io/hostname');
    expect(JSON.stringify(spec.affinity)).toContain(JSON.stringify(apiserverPods));
    expect(spec.priorityClassName).toBe(priorityClass.metadata.name);
  });

  it('is killed only after it had the time to end', () => {
    // The time to end begins with the signal and includes the wait for the Services.
    expect(flag('drain-delay')).toBeGreaterThanOrEqual(5);
    expect(flag('shutdown-grace')).toBeGreaterThan(flag('drain-delay'));
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(flag('shutdown-grace'));
  });

  it('is what its Service and its network policy mean', () => {
    const { ports } = apiserverService['spec'] as { ports: { targetPort: string }[] };
    expect(ports.map(({ targetPort }) => targetPort).filter((port) => !(port in apiserverPorts))).toEqual([]);
    const { podSelector } = apiserverNetworkPolicy['spec'] as { podSelector: object };
    for (const labels of [podSelector, { matchLabels: (apiserverService['spec'] as { selector: object }).selector }]) {
      expect(labels).toEqual({ matchLabels: apiserverPods });
    }
    expect(template.metadata.labels).toMatchObject(apiserverPods);
  });

  it('opens to all only what kube-apiserver calls', () => {
    const { ingress } = apiserverNetworkPolicy['spec'] as { ingress: { from?: object[]; ports: { port: string }[] }[] };
    const open = ingress.filter(({ from }) => from === undefined).flatMap(({ ports }) => ports.map(({ port }) => port));
    expect(open).toEqual(['api', 'webhooks']);
  });
});
