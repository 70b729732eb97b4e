import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisOpsTemplate, TemplateParameter } from '../../crds/ops-template.ts';

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
  parameters: (Partial<TemplateParameter> & { name: string })[] = [],
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
