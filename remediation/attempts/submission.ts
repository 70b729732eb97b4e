import { annotations, labels } from '../../crds/labels.ts';
import { apiVersionOf } from '../../crds/object.ts';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { manifestHash } from '../render/index.ts';

/** The reason of an attempt whose Workflow cannot be created. */
export const submitFailed = 'SubmitFailed';

/** Returns whether the Workflow of an attempt could not be created so far. */
export function submissionFailed({ status }: AegisRemediation): boolean {
  return status?.reason === submitFailed;
}

/** The Workflow of an attempt, ready to be created, or why its manifest cannot be trusted. */
export type WorkflowToSubmit = { ok: true; workflow: Workflow } | { ok: false; message: string };

/**
 * Reads the Workflow out of the attempt's manifest. Only what ties it to the attempt is added: the owner, where both
 * live in one namespace, and the hash of what was decided.
 */
export function workflowToSubmit(remediation: AegisRemediation): WorkflowToSubmit {
  const { manifest, manifestHash: hash } = remediation.spec;
  if (manifestHash(manifest) !== hash)
    return { ok: false, message: 'spec.manifest does not have the hash spec.manifestHash' };
  const workflow = parse(manifest);
  if (workflow === undefined) return { ok: false, message: 'spec.manifest is not a Workflow as JSON' };
  const sameNamespace = workflow.metadata.namespace === remediation.metadata.namespace;
  return {
    ok: true,
    workflow: {
      ...workflow,
      metadata: {
        ...workflow.metadata,
        annotations: { ...workflow.metadata.annotations, [annotations.manifestHash]: hash },
        ...(sameNamespace ? { ownerReferences: [ownerOf(remediation)] } : {}),
      },
    },
  };
}

/** Whether a Workflow is the one of this attempt, and not another one that has its name. */
export function belongsTo(workflow: Workflow, remediation: AegisRemediation): boolean {
  const { metadata } = workflow;
  if (metadata.ownerReferences?.some(({ uid }) => uid === remediation.metadata.uid) === true) return true;
  return (
    metadata.namespace !== remediation.metadata.namespace &&
    metadata.annotations?.[annotations.manifestHash] === remediation.spec.manifestHash &&
    metadata.labels?.[labels.remediation] === remediation.metadata.name &&
    metadata.labels[labels.remediationNamespace] === remediation.metadata.namespace
  );
}

function parse(manifest: string): Workflow | undefined {
  try {
    const value = JSON.parse(manifest) as Partial<Workflow> | null;
    const complete = value?.kind === 'Workflow' && typeof value.metadata?.name === 'string';
    return complete && typeof value.metadata?.namespace === 'string' ? (value as Workflow) : undefined;
  } catch {
    return undefined;
  }
}

function ownerOf({ metadata }: AegisRemediation) {
  return {
    apiVersion: apiVersionOf(aegisRemediations),
    kind: aegisRemediations.kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: false,
  };
}
