import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { labels } from '../../crds/labels.ts';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import { workflows, type Workflow } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { manifestHash } from '../../remediation/render/index.ts';
import type { Harness } from '../harness/aegis.ts';
import { inParallel } from './statistics.ts';

/** More than the ingest would use: here it is only about having the objects. */
const concurrency = 32;
const nodesPerWorkflow = 6;

/** The alert of a number, as the crowd has it. */
export function crowdAlert(index: number): AegisAlert {
  const node = `node-${index}.rack-${index % 40}.example.com`;
  const text = `Usage of the disk ${index} of ${node} is above its limit. `;
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: { name: `crowd-${index}`, namespace: NAMESPACE, labels: { [labels.managedBy]: 'aegis' } },
    spec: {
      source: 'alertmanager',
      type: 'NodeHasEmergencyEvent',
      status: 'Firing',
      severity: 'critical',
      trust: 'Parsed',
      fingerprint: `crowd-${index}`,
      involvedObject: { kind: 'Node', name: node },
      startsAt: '2026-03-01T10:00:00Z',
      details: {
        ...{ node, instance: `${node}:9100`, job: 'node-exporter', cluster: 'production', region: 'eu-central-1' },
        ...{ device: `/dev/nvme${index}n1`, mountpoint: `/var/lib/data-${index}`, severity: 'critical' },
        ...{ summary: text, description: text.repeat(10), runbook_url: `https://runbooks.example.com/disks/${index}` },
      },
    },
  };
}

/** Creates the alerts of these numbers, and for the first `attempts` of them a remediation and its Workflow. */
export async function createCrowd(harness: Harness, from: number, to: number, attempts: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const client = <T extends KubeObject>(type: ResourceType<T>) => harness.client(type);
  await inParallel(numbers, concurrency, async (index) => {
    const alert = await client(aegisAlerts).create(crowdAlert(index));
    if (index - from >= attempts) return;
    const remediation = await client(aegisRemediations).create(remediationOf(alert));
    await client(workflows).create(workflowOf(remediation));
  });
}

function remediationOf({ metadata, spec }: AegisAlert): AegisRemediation {
  const script = `kubectl cordon ${spec.involvedObject?.name ?? ''}\n`.repeat(10);
  const manifest = JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: `${metadata.name}-attempt`, namespace: NAMESPACE },
    spec: { entrypoint: 'start', templates: [{ name: 'start', script: { image: 'busybox', source: script } }] },
  });
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisRemediation',
    metadata: {
      name: `${metadata.name}-attempt`,
      namespace: NAMESPACE,
      labels: { [labels.managedBy]: 'aegis', [labels.alert]: metadata.name, [labels.attempt]: '1' },
      ownerReferences: [
        { apiVersion: 'aegis.io/v1alpha1', kind: 'AegisAlert', name: metadata.name, uid: metadata.uid ?? '' },
      ],
    },
    spec: {
      alertRef: { name: metadata.name, uid: metadata.uid ?? '' },
      ruleRef: { name: 'nodehasemergencyevent', namespace: NAMESPACE, generation: 1 },
      templateRef: { name: 'nodehasemergencyevent', namespace: NAMESPACE, generation: 1 },
      target: { kind: 'Node', name: spec.involvedObject?.name ?? '' },
      alertStatus: 'Firing',
      attempt: 1,
      manifest,
      manifestHash: manifestHash(manifest),
      risk: 'Reversible',
      requestedBy: { username: 'aegis', via: 'rule' },
    },
  };
}

function workflowOf({ metadata: { name, uid = '' }, spec }: AegisRemediation): Workflow {
  const times = { startedAt: '2026-03-01T10:00:00Z', finishedAt: '2026-03-01T10:01:00Z' };
  const nodes = Array.from({ length: nodesPerWorkflow }, (_, index) => {
    const id = index === 0 ? name : `${name}-${index}000000`;
    const children =
      index === 0 ? Array.from({ length: nodesPerWorkflow - 1 }, (__, at) => `${name}-${at + 1}000000`) : [];
    const type = index === 0 ? 'Steps' : 'Pod';
    return [
      id,
      { id, name: `${name}[${index}]`, displayName: `step-${index}`, type, phase: 'Succeeded', ...times, children },
    ];
  });
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { [labels.managedBy]: 'aegis', [labels.remediation]: name, [labels.remediationNamespace]: NAMESPACE },
      ownerReferences: [{ apiVersion: 'aegis.io/v1alpha1', kind: 'AegisRemediation', name, uid }],
    },
    spec: (JSON.parse(spec.manifest) as { spec: Record<string, unknown> }).spec,
    status: {
      phase: 'Succeeded',
      ...times,
      nodes: Object.fromEntries(nodes) as NonNullable<Workflow['status']>['nodes'] & object,
    },
  };
}
