import { describe, expect, it } from '@jest/globals';
import { aTemplate, noon } from '../../test/builders/objects.ts';
import type { OpsTemplateSpec } from '../../crds/ops-template.ts';
import { checkTemplate } from './index.ts';
import { templateStatus, dryRunManifest, type DryRunResult } from './template-status.ts';

const accepted: DryRunResult = { outcome: 'accepted' };
const manifestOf = (command: string): string =>
  JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    spec: { entrypoint: 'a', templates: [{ name: 'a', container: { image: 'i', command: [command] } }] },
  });

function ready(manifest: string, dryRun: DryRunResult = accepted) {
  const template = aTemplate({ spec: { manifest } });
  const status = templateStatus(template, { check: checkTemplate(template), dryRun, now: noon });
  return { variables: status.variables, condition: status.conditions?.[0] };
}

function tried(spec: Partial<OpsTemplateSpec>) {
  const template = aTemplate({ spec });
  return dryRunManifest(template, checkTemplate(template));
}

describe('the status of a template', () => {
  it('the status of a template names its variables and says that it was accepted', () => {
    const { variables, condition } = ready(manifestOf('{{.node}} {{.AlertName}}'));
    expect(variables).toEqual(['AlertName', 'node']);
    expect(condition).toMatchObject({ type: 'Ready', status: 'True', reason: 'Accepted', observedGeneration: 7 });
  });

  it('the status of a template has the problems of one that cannot be rendered, for which no dry run is made', () => {
    const manifest = manifestOf('{{if .node}}x{{end}}');
    expect(tried({ manifest })).toBeUndefined();
    expect(ready(manifest).condition).toMatchObject({ status: 'False', reason: 'TemplateInvalid' });
  });

  it('the status of a template repeats why the API server refuses it', () => {
    const { condition } = ready(manifestOf('x'), { outcome: 'refused', message: 'spec is wrong' });
    expect(condition).toMatchObject({ status: 'False', reason: 'WorkflowRefused', message: 'spec is wrong' });
  });

  it('a template is ready also where its dry run was not possible, and its status says so', () => {
    const { condition } = ready(manifestOf('x'), { outcome: 'not-tried', message: 'workflows is forbidden' });
    expect(condition).toMatchObject({ status: 'True', reason: 'NotTried' });
    expect(condition?.message).toContain('workflows is forbidden');
  });

  it('the dry run of a template uses placeholder values in the namespace where it will run', () => {
    const dryRun = JSON.parse(tried({ namespace: 'elsewhere' }) ?? '') as { metadata: object };
    expect(dryRun.metadata).toMatchObject({ namespace: 'elsewhere' });
  });
});
