import { describe, expect, it } from '@jest/globals';
import { placeOf } from './places.ts';
import type { Path } from './problem.ts';

/** `a.0.b` as a path. */
function path(text: string): Path {
  return text.split('.').map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step));
}

describe('placeOf', () => {
  it.each([
    'spec.templates.0.container.env.1.value',
    'spec.templates.0.script.env.0.value',
    'spec.templates.0.sidecars.0.env.0.value',
    'spec.templates.0.initContainers.0.env.0.value',
    'spec.templates.0.containerSet.containers.0.env.0.value',
    'spec.templateDefaults.container.env.0.value',
    'spec.templates.0.steps.0.0.inline.container.env.0.value',
    'spec.templates.0.dag.tasks.0.inline.script.env.0.value',
  ])('placeOf takes %s for an environment variable', (text) => {
    expect(placeOf(path(text))).toBe('Environment');
  });

  it.each([
    'metadata.annotations.about',
    'spec.templates.0.metadata.annotations.about',
    'spec.podMetadata.annotations.about',
    'spec.workflowMetadata.annotations.about',
    'spec.arguments.artifacts.0.raw.data',
    'spec.templates.0.inputs.artifacts.0.raw.data',
    'spec.templates.0.steps.0.1.arguments.artifacts.0.raw.data',
    'spec.templates.0.dag.tasks.0.arguments.artifacts.0.raw.data',
    'spec.templates.0.dag.tasks.0.hooks.exit.arguments.artifacts.0.raw.data',
  ])('placeOf takes %s for data', (text) => {
    expect(placeOf(path(text))).toBe('Data');
  });

  it.each([
    'spec.templates.0.steps.0.0.when',
    'spec.templates.0.retryStrategy.expression',
    'spec.templates.0.dag.tasks.0.depends',
  ])('placeOf takes %s for an expression', (text) => {
    expect(placeOf(path(text))).toBe('Expression');
  });

  it.each([
    'spec.arguments.parameters.0.value',
    'spec.templates.0.inputs.parameters.0.value',
    'spec.templates.0.steps.0.0.arguments.parameters.0.value',
    'spec.templates.0.container.args.0',
    'spec.templates.0.container.env.0.name',
    'spec.templates.0.container.env.0.value.deeper',
    'spec.templates.0.container.env.0.valueFrom.secretKeyRef.name',
    'spec.templates.0.script.source',
    'spec.templates.0.plugin.container.env.0.value',
    'spec.templates.0.container.env.x.value',
    'spec.templates.0.container.env.#.value',
    'spec.templates.0.resource.manifest',
    'spec.podSpecPatch',
    'spec.annotations.about',
    'metadata.labels.about',
    'env.0.value',
  ])('placeOf takes %s for strict', (text) => {
    expect(placeOf(path(text))).toBe('Strict');
  });

  it('placeOf is not misled by keys that look like a path', () => {
    expect(placeOf(['spec', 'templates', 0, 'container/env', 0, 'value'])).toBe('Strict');
    expect(placeOf(['spec', 'templates', 0, 'container', 'env/0', 'value'])).toBe('Strict');
    expect(placeOf(['metadata', 'annotations', 'example.com/about'])).toBe('Data');
  });
});
