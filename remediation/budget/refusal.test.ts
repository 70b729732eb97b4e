import { describe, expect, it } from '@jest/globals';
import type { RemediationPhase } from '../../crds/remediation.ts';
import type { PolicyBudget, PolicySelector } from '../../crds/remediation-policy.ts';
import type { RemediationPolicyStatus } from '../../crds/remediation-policy-status.ts';
import { aNode, someNodes } from '../../test/builders/nodes.ts';
import { after, anAlert, aPolicy, aRemediation, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import type { NodeFacts } from '../cluster-view.ts';
import { refusalOf } from './refusal.ts';
import { hasBudget } from './subject.ts';

const onNode = (name: string) => aRemediation({ spec: { target: { kind: 'Node', name } } });

function acting(name: string, node: string, phase: RemediationPhase = 'Running') {
  return aRemediation({
    metadata: { name, uid: name },
    spec: { target: { kind: 'Node', name: node } },
    status: { phase },
  });
}

function reserved(name: string, target?: string) {
  const time = '2026-01-02T12:00:00.500Z';
  return { remediation: `monitoring/${name}`, uid: name, time, ...(target === undefined ? {} : { target }) };
}

interface Given {
  budget: PolicyBudget;
  selector?: PolicySelector;
  status?: RemediationPolicyStatus;
  nodes?: readonly NodeFacts[];
  attempts?: readonly ReturnType<typeof aRemediation>[];
  asks?: ReturnType<typeof aRemediation>;
  now?: Date;
}

function ask({
  budget,
  selector = {},
  status = {},
  nodes = [],
  attempts = [],
  asks = onNode('n0'),
  now = noon,
}: Given) {
  const policy = aPolicy({ metadata: { name: 'gpu' }, spec: { budget, selector }, status });
  if (!hasBudget(policy)) throw new Error('no budget');
  return refusalOf(policy, asks, { cluster: aCluster({ nodes, attempts, alerts: [anAlert()] }), now });
}

describe('the bound of unhealthy objects', () => {
  const budget = { maxUnhealthy: 2 };

  it('the bound of unhealthy objects counts nodes that are not Ready, cordoned, reserved or acted upon, and the target', () => {
    const nodes = [...someNodes(6), aNode('gone', { ready: 'Unknown' })];
    expect(ask({ budget, nodes })).toBeUndefined();
    const one = [...nodes, aNode('sick', { ready: 'False' })];
    const other = [...nodes, aNode('closed', { cordoned: true })];
    const status = { reservations: [reserved('r1', 'Node//n5')] };
    const attempts = [acting('r2', 'n4', 'Verifying')];
    const message = (names: string) => ({
      message: `2 of 2 allowed unhealthy or at work (unhealthy: ${names})`,
    });
    expect(ask({ budget, nodes: one })).toEqual(message('node/gone, node/sick'));
    expect(ask({ budget, nodes: other })).toEqual(message('node/closed, node/gone'));
    expect(ask({ budget, nodes, status })).toEqual(message('node/gone'));
    expect(ask({ budget, nodes, attempts })).toEqual(message('node/gone'));
  });

  it('the bound of unhealthy objects counts the target once, which usually is unhealthy already', () => {
    const nodes = [aNode('n0', { ready: 'False', cordoned: true }), aNode('n1', { ready: 'False' }), aNode('n2')];
    expect(ask({ budget, nodes })).toBeUndefined();
    expect(ask({ budget, nodes, asks: onNode('n2') })).toBeDefined();
    const twice = { reservations: [reserved('r1', 'node//n0'), reserved('r2', 'Node//n0')] };
    expect(ask({ budget, nodes, status: twice })).toBeUndefined();
  });

  it('the bound of unhealthy objects counts a node without a Ready condition as unhealthy', () => {
    const silent = { ...aNode('n1'), status: {} };
    expect(ask({ budget: { maxUnhealthy: 1 }, nodes: [aNode('n0'), silent] })).toBeDefined();
  });

  it('the bound of unhealthy objects counts only selected objects', () => {
    const selector = { targetSelector: { matchLabels: { pool: 'gpu' } } };
    const sick = someNodes(9, { ready: 'False', labels: { pool: 'cpu' } }).slice(1);
    const nodes = [aNode('n0', { labels: { pool: 'gpu' } }), ...sick];
    expect(ask({ budget: { maxUnhealthy: 1 }, selector, nodes })).toBeUndefined();
    expect(ask({ budget: { maxUnhealthy: 1 }, selector: { targetKinds: ['Pod'] }, nodes })).toBeUndefined();
    expect(ask({ budget: { maxUnhealthy: 1 }, selector: { targetKinds: ['node'] }, nodes })).toBeDefined();
  });

  it('the bound of unhealthy objects passes nothing when its selector selects nothing, or cannot be read', () => {
    const none = { targetSelector: { matchLabels: { pool: 'gone' } } };
    const bad = { targetSelector: { matchExpressions: [{ key: 'pool', operator: 'In' as const }] } };
    const share = { maxUnhealthy: '50%' };
    expect(ask({ budget: share, selector: none, nodes: someNodes(9) })).toMatchObject({
      message: '50% of 0 nodes: the policy selects no node',
    });
    expect(ask({ budget: share, selector: bad, nodes: someNodes(9) })).toBeDefined();
    expect(ask({ budget: share, selector: { targetKinds: ['Pod'] }, nodes: someNodes(9) })).toBeDefined();
  });

  it('the bound of unhealthy objects of 0% passes nothing', () => {
    expect(ask({ budget: { maxUnhealthy: '0%' }, nodes: someNodes(100) })).toEqual({
      message: '0 of 0 allowed unhealthy or at work',
    });
  });

  it('the bound of unhealthy objects names some of many', () => {
    const nodes = [aNode('z'), ...someNodes(9, { ready: 'False' }).slice(1)];
    expect(ask({ budget, nodes, asks: onNode('z') })?.message).toMatch(/: node\/n1, .*node\/n6 and 2 more\)$/);
  });

  it.each([
    [1, 0],
    [5, 0],
    [10, 0],
    [1_000, 3],
  ])(
    'F6: the bound of unhealthy objects holds in a pool of %d nodes, of which %d others may be broken',
    (total, others) => {
      const budget = { maxUnhealthy: '10%', maxTargets: 4 };
      const nodes = someNodes(total);
      const broken = (count: number) =>
        nodes.map((node, at) => (at > 0 && at <= count ? aNode(node.metadata.name, { ready: 'False' }) : node));
      expect(ask({ budget, nodes: broken(others) })).toBeUndefined();
      if (total > others + 1) expect(ask({ budget, nodes: broken(others + 1) })).toBeDefined();
    },
  );
});

describe('the bound of parallel work', () => {
  const budget = { maxParallel: 2 };

  it('the bound of parallel work counts reservations and attempts without one, each once and never the one that is decided', () => {
    const one = { reservations: [reserved('r1', 'Node//n1')] };
    const two = { reservations: [reserved('r1', 'Node//n1'), reserved('r2')] };
    expect(ask({ budget, status: one })).toBeUndefined();
    expect(ask({ budget, status: one, attempts: [acting('r1', 'n1')] })).toBeUndefined();
    expect(ask({ budget, status: two, asks: acting('r1', 'n1', 'Blocked') })).toBeUndefined();
    const message = '2 of 2 allowed remediations at work';
    expect(ask({ budget, status: two })).toEqual({ message });
    expect(ask({ budget, status: one, attempts: [acting('r2', 'n2')] })).toEqual({ message });
  });

  it('the bound of parallel work excludes waiting, ended, read-only and undo attempts, and those on other targets', () => {
    const attempts = [
      acting('r1', 'n1', 'Blocked'),
      acting('r2', 'n1', 'Succeeded'),
      { ...acting('r3', 'n1'), spec: { ...acting('r3', 'n1').spec, risk: 'ReadOnly' as const } },
      { ...acting('r4', 'n1'), spec: { ...acting('r4', 'n1').spec, alertStatus: 'Resolved' as const } },
    ];
    expect(ask({ budget: { maxParallel: 1 }, attempts })).toBeUndefined();
    const selector = { targetKinds: ['Pod'] };
    expect(ask({ budget: { maxParallel: 1 }, selector, attempts: [acting('r5', 'n1')] })).toBeUndefined();
  });

  it('the bound of parallel work of 0 passes nothing', () => {
    expect(ask({ budget: { maxParallel: 0 } })).toEqual({ message: '0 of 0 allowed remediations at work' });
  });
});

describe('the bound of starts within a window', () => {
  const budget = { maxPerWindow: { count: 2, window: '1h' } };
  const start = (name: string, time: string) => ({ remediation: `monitoring/${name}`, time });

  it('the bound of starts counts the starts within the window, and shows when the next may follow', () => {
    const recentStarts = [start('r1', '2026-01-02T11:00:00.001Z'), start('r2', '2026-01-02T11:30:00Z')];
    const message = '2 of 2 allowed to start within 1h';
    const until = new Date('2026-01-02T12:00:00.001Z');
    expect(ask({ budget, status: { recentStarts } })).toEqual({ message, until });
    expect(ask({ budget, status: { recentStarts }, now: until })).toBeUndefined();
    const lower = { maxPerWindow: { count: 1, window: '1h' } };
    expect(ask({ budget: lower, status: { recentStarts } })?.until).toEqual(after(1800));
  });

  it('the bound of starts delays an attempt behind those that wait longer, so that not all return for one free start', () => {
    const recentStarts = [start('r1', '2026-01-02T11:10:00Z'), start('r2', '2026-01-02T11:30:00Z')];
    const waits = (name: string, creationTimestamp: string) =>
      aRemediation({
        metadata: { name, uid: name, creationTimestamp },
        status: { phase: 'Blocked', reason: 'BudgetExceeded', message: 'policy gpu: 2 of 2' },
      });
    const older = waits('r3', '2026-01-02T11:40:00Z');
    const oldest = waits('r4', '2026-01-02T11:35:00Z');
    const younger = waits('r5', '2026-01-02T12:30:00Z');
    expect(ask({ budget, status: { recentStarts }, attempts: [younger] })?.until).toEqual(after(600));
    expect(ask({ budget, status: { recentStarts }, attempts: [older, younger] })?.until).toEqual(after(1800));
    expect(ask({ budget, status: { recentStarts }, attempts: [older, oldest] })?.until).toEqual(after(1800));
  });

  it('the bound of starts counts starts that it cannot read, and never those of the attempt that is decided', () => {
    const recentStarts = [start('r1', 'soon'), start('default-disk-0123456789-abcde', '2026-01-02T11:59:00Z')];
    expect(ask({ budget: { maxPerWindow: { count: 1, window: '1h' } }, status: { recentStarts } })).toEqual({
      message: '1 of 1 allowed to start within 1h',
    });
    expect(ask({ budget, status: { recentStarts } })).toBeUndefined();
    const never = { maxPerWindow: { count: 1, window: 'a while' } };
    expect(ask({ budget: never, status: { recentStarts: [start('r1', '2020-01-01T00:00:00Z')] } })).toBeDefined();
  });

  it('the bound of starts of 0 passes nothing', () => {
    expect(ask({ budget: { maxPerWindow: { count: 0, window: '1h' } } })).toBeDefined();
  });
});

describe('a budget', () => {
  it('a budget holds with all of its bounds', () => {
    const budget = { maxUnhealthy: 3, maxParallel: 1, maxPerWindow: { count: 5, window: '1h' } };
    expect(ask({ budget, nodes: someNodes(3) })).toBeUndefined();
    expect(ask({ budget, nodes: someNodes(3), status: { reservations: [reserved('r1', 'Node//n1')] } })).toBeDefined();
  });

  it('a budget ends where its status has no room for more', () => {
    const reservations = Array.from({ length: 1_024 }, (_, index) => reserved(`r${index}`));
    expect(ask({ budget: { maxParallel: 5_000 }, status: { reservations } })?.message).toContain(
      'lists 1024 remediations, the most that it can',
    );
  });
});
