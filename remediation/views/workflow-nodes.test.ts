import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WorkflowView } from '../../crds/subresources/workflow-view.ts';
import type { Workflow, WorkflowNode } from '../../crds/workflow.ts';
import { aRemediation, aWorkflow } from '../../test/builders/objects.ts';
import { packOutline, unpackOutline } from './outline-text.ts';
import { outlineLimits, outlineNodes } from './workflow-nodes.ts';
import { workflowView } from './workflow-view.ts';

function withNodes(nodes: Record<string, WorkflowNode>, status: Workflow['status'] = {}): Workflow {
  return aWorkflow({ ...status, nodes }, { name: 'wf' });
}

function shown(workflow: Workflow): string[] {
  return outlineNodes(workflow).nodes.map(({ id, depth }) => `${'.'.repeat(depth)}${id}`);
}

const steps = withNodes({
  'wf-2': { id: 'wf-2', displayName: 'drain', type: 'Pod', phase: 'Failed', message: 'exit code 3' },
  'wf-1': { id: 'wf-1', displayName: 'cordon', type: 'Pod', phase: 'Succeeded', startedAt: '2026-01-02T12:00:01Z' },
  'wf-3': { id: 'wf-3', displayName: 'wf.onExit', type: 'Pod', startedAt: '2026-01-02T12:09:00Z' },
  wf: { id: 'wf', displayName: 'wf', type: 'Steps', phase: 'Failed', children: ['wf-1', 'wf-2', 'wf-gone'] },
});

describe('the nodes of a Workflow', () => {
  it("the nodes of a Workflow are shown as a tree in Argo's order, with unconnected nodes at the end", () => {
    expect(shown(steps)).toEqual(['wf', '.wf-1', '.wf-2', 'wf-3']);
    expect(outlineNodes(steps).nodes[2]).toEqual({
      ...{ id: 'wf-2', name: 'drain', type: 'Pod', phase: 'Failed', depth: 1, children: [], message: 'exit code 3' },
    });
  });

  it('the nodes of a Workflow are shown once, also where several nodes lead to one, and in a circle', () => {
    expect(
      shown(withNodes({ wf: { children: ['a', 'b'] }, a: { children: ['c'] }, b: { children: ['c'] }, c: {} })),
    ).toEqual(['wf', '.a', '..c', '.b']);
    expect(shown(withNodes({ a: { children: ['b'] }, b: { children: ['a'] } }))).toEqual(['a', '.b']);
  });

  it('the failed nodes of a Workflow are shown before others when there are too many', () => {
    const many = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [`n${index}`, { phase: index === 1_999 ? 'Failed' : 'Succeeded' }]),
    );
    const { nodes, leftOut } = outlineNodes(withNodes(many));
    expect(nodes.length).toBeLessThanOrEqual(outlineLimits.nodes);
    expect(nodes.length + leftOut).toBe(2_000);
    expect(nodes.map(({ id }) => id)).toContain('n1999');
  });

  it.each([
    ['compressed', { compressedNodes: 'H4sI' }, 'compressed'],
    ['offloaded', { offloadNodeStatusVersion: 'fnv:1' }, 'database'],
  ])('the nodes of a Workflow that are %s are marked so', (_, status, words) => {
    const workflow = aWorkflow(status);
    const outline = packOutline(workflow);
    expect(workflowView(aRemediation(), { ...workflow, ...(outline && { outline }) }).nodesMissing).toContain(words);
  });

  it('the nodes of a Workflow are parsed from their text unchanged', () => {
    const outline = packOutline(steps) ?? '';
    expect(unpackOutline({ ...steps, outline })).toEqual(outlineNodes(steps));
    expect(packOutline(aWorkflow())).toBeUndefined();
  });

  it('a status of a Workflow with any content throws nothing and the result fits its schema', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), fc.object(), (nodes, wild) => {
        for (const value of [nodes, { ...nodes, ...wild }]) {
          const workflow = aWorkflow({ nodes: value as never });
          const outline = packOutline(workflow);
          WorkflowView.parse(workflowView(aRemediation(), { ...workflow, ...(outline && { outline }) }));
        }
      }),
    );
  });
});
