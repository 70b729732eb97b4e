import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisOpsTemplate, TemplateParameter } from '../../crds/ops-template.ts';
import { renderTemplate, type RenderResult } from '../../remediation/render/index.ts';

/** Templates and alerts that the tests of this room render. */

/** The template of the original's README. */
export const cordonManifest = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  serviceAccountName: aegis-workflow
  ttlSecondsAfterFinished: 60
  entrypoint: start
  templates:
  - name: start
    retryStrategy:
      limit: 1
    container:
      image: bitnami/kubectl:latest
      command:
      - /bin/bash
      - -c
      - |
        kubectl cordon {{.node}}
`;

/** A Workflow of one container whose fields are the given lines. */
export function containerManifest(...lines: string[]): string {
  return [
    'apiVersion: argoproj.io/v1alpha1',
    'kind: Workflow',
    'spec:',
    '  entrypoint: start',
    '  templates:',
    '  - name: start',
    '    container:',
    '      image: busybox',
    ...lines.flatMap((line) => line.split('\n')).map((line) => `      ${line}`),
    '',
  ].join('\n');
}

/** A Workflow whose script is the given text. */
export function scriptManifest(script: string): string {
  return containerManifest('command: [/bin/sh, -c]', 'args:', '- |', ...script.split('\n').map((line) => `  ${line}`));
}

export function templateOf(
  manifest: string,
  parameters: Parameters = [],
  spec: Partial<AegisOpsTemplate['spec']> = {},
): AegisOpsTemplate {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisOpsTemplate',
    metadata: { name: 'template', namespace: 'monitoring' },
    spec: {
      manifest,
      risk: 'Reversible',
      timeout: '1h',
      parameters: parameters.map((parameter) => ({ required: true, ...parameter })),
      ...spec,
    },
  };
}

export function alertOf(
  details: Record<string, string> = {},
  involvedObject: NonNullable<AegisAlert['spec']['involvedObject']> = { kind: 'Node', name: 'dev1' },
): AegisAlert {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: { name: 'default-nodehasemergencyevent-9njt4', namespace: 'monitoring' },
    spec: { type: 'NodeHasEmergencyEvent', status: 'Firing', trust: 'Parsed', involvedObject, details },
  };
}

/** Declared parameters without what the API server would fill in. */
export type Parameters = (Partial<TemplateParameter> & { name: string })[];

/** Renders a manifest for an alert with these details. */
export function render(
  manifest: string,
  details: Record<string, string> = {},
  parameters: Parameters = [],
): RenderResult {
  return renderTemplate({ alert: alertOf(details), template: templateOf(manifest, parameters) });
}

/** The first template of a rendered Workflow, or the problems. */
export function start(result: RenderResult): unknown {
  return result.ok ? (result.workflow.spec['templates'] as unknown[])[0] : result.problems;
}

/** `reason variable path` of each problem. */
export function problems(result: RenderResult): string[] {
  if (result.ok) return [];
  return result.problems.map(({ reason, variable, path }) => [reason, variable, path].filter(Boolean).join(' '));
}

/** The messages of all problems, one per line. */
export function messages(result: RenderResult): string {
  return result.ok ? '' : result.problems.map(({ message }) => message).join('\n');
}

/** One line of a container with {{.v}} in it. */
export function line(text: string, value: string, parameters: Parameters = []): RenderResult {
  return render(containerManifest(text), { v: value }, parameters);
}
