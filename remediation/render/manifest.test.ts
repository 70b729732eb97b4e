import { describe, expect, it } from '@jest/globals';
import { canonicalJson, manifestHash, workflowManifest, type RenderedWorkflow } from './manifest.ts';

const workflow: RenderedWorkflow = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { labels: { team: 'sre', 'aegis.io/attempt': 'forged' }, annotations: {} },
  spec: { entrypoint: 'start', b: [{ z: 1, a: null }], a: 'é' },
};
const identity = { name: 'n', namespace: 'ns', labels: { 'aegis.io/attempt': '1' }, finalizers: ['f'] };

describe('workflowManifest', () => {
  it('workflowManifest returns JSON with sorted keys, in which the labels of Aegis win', () => {
    expect(workflowManifest(workflow, identity)).toBe(
      '{"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":{"finalizers":["f"],' +
        '"labels":{"aegis.io/attempt":"1","team":"sre"},"name":"n","namespace":"ns"},' +
        '"spec":{"a":"é","b":[{"a":null,"z":1}],"entrypoint":"start"}}',
    );
  });

  it('workflowManifest keeps annotations', () => {
    const annotated = { ...workflow, metadata: { labels: {}, annotations: { about: 'x' } } };
    expect(JSON.parse(workflowManifest(annotated, identity))).toHaveProperty('metadata.annotations', { about: 'x' });
  });
});

describe('canonicalJson', () => {
  it('canonicalJson does not depend on the order in which keys were written', () => {
    expect(canonicalJson({ b: { 10: 1, 9: 2, a: 3 }, a: 1 })).toBe(canonicalJson({ a: 1, b: { a: 3, 9: 2, 10: 1 } }));
    expect(canonicalJson({ b: undefined, a: [undefined, 1.5, true] })).toBe('{"a":[null,1.5,true]}');
  });
});

describe('manifestHash', () => {
  it('manifestHash is the SHA-256 of the text', () => {
    expect(manifestHash('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
