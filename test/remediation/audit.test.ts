import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyFile } from '../../cli/audit-file.ts';
import { labels } from '../../crds/labels.ts';
import { aegisRemediations } from '../../crds/remediation.ts';
import { workflows } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { events } from '../../kube/events/event.ts';
import type { AuditRecord } from '../../remediation/audit/chain.ts';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert, post, sendUntilAcknowledged } from '../harness/senders.ts';

let harness: Harness;
const folder = mkdtempSync(join(tmpdir(), 'aegis-audit-'));
const path = join(folder, 'audit.log');

beforeAll(async () => {
  harness = await startHarness({ workerArgs: [`--audit-log=${path}`] });
}, 180_000);

afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
}, 60_000);

const step = { name: 'start', container: { image: 'busybox', command: ['sh', '-c', 'echo {{.node}}'] } };
const workflow = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  spec: { entrypoint: 'start', templates: [step] },
};

async function apply(kind: string, name: string, spec: object): Promise<void> {
  const metadata = { name, ...(kind === 'AegisRemediationPolicy' ? {} : { namespace: NAMESPACE }) };
  const object = { apiVersion: 'aegis.io/v1alpha1', kind, metadata, spec };
  await harness.cluster.kubectl(['apply', '-f', '-'], JSON.stringify(object));
}

/** Lets a rule of this name start something for an alert of this type on a node of this name. */
async function given(name: string): Promise<void> {
  await apply('AegisOpsTemplate', name, { manifest: JSON.stringify(workflow) });
  await apply('AegisAlertOpsRule', name, {
    alertConditions: [{ type: name, status: 'Firing' }],
    opsTemplate: { name },
  });
  await post(`${harness.ingest[0] ?? ''}/default/alert`, nodeAlert(`node-${name}`, { type: name, status: 'Firing' }));
}

function records(): AuditRecord[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

function recordsOf(rule: string): AuditRecord[] {
  return records().filter((record) => record.rule?.startsWith(`${NAMESPACE}/${rule}@`));
}

describe('the audit record of a worker', () => {
  it('the audit record has each decision, in a chain in which a removed record is named', async () => {
    await given('audited');
    const made = await eventually('its Workflow', async () => {
      const { items } = await harness.client(workflows).list({ namespace: NAMESPACE });
      return items[0];
    });
    await harness.client(workflows).patch(made.metadata, { status: { phase: 'Succeeded' } });
    await eventually('the record of its success', () => recordsOf('audited').at(-1)?.decision === 'Succeeded');
    const { items } = await harness.client(aegisRemediations).list({ namespace: NAMESPACE });
    expect(recordsOf('audited')[0]).toMatchObject({
      decision: 'Submitting',
      manifestHash: items[0]?.spec.manifestHash,
      remediation: { uid: items[0]?.metadata.uid },
    });
    expect(await verifyFile(path)).toMatchObject({ ok: true });
    const copy = join(folder, 'copy.log');
    writeFileSync(copy, readFileSync(path, 'utf8').split('\n').toSpliced(1, 1).join('\n'));
    expect(await verifyFile(copy)).toMatchObject({ ok: false, text: expect.stringContaining('record 2 was removed') });
  });

  it('the audit record and the events have blocked attempts', async () => {
    await apply('AegisRemediationPolicy', 'ask', { selector: { rules: ['asked'] }, approval: { required: 1 } });
    await given('asked');
    await eventually('the event', async () => {
      const { items } = await harness.client(events).list({ namespace: NAMESPACE });
      return items.some(({ reason }) => reason === 'RemediationAwaitingApproval');
    });
    expect(recordsOf('asked')).toEqual([expect.objectContaining({ decision: 'AwaitingApproval', policies: ['ask'] })]);
  });

  it('the audit record has the reason why nothing is attempted for an alert', async () => {
    await post(`${harness.ingest[0] ?? ''}/default/alert`, nodeAlert('nobody', { type: 'NobodyCares' }));
    const skipped = await eventually('the record', () => records().find(({ decision }) => decision === 'Skipped'));
    expect(skipped).toMatchObject({ reason: 'RuleNotFound', alert: { namespace: NAMESPACE } });
    expect(skipped).not.toHaveProperty('remediation');
  });

  it('the audit record has each Workflow before it is created, also when the worker is killed', async () => {
    await given('killed');
    for (let index = 0; index < 60; index += 1) {
      const alert = nodeAlert(`killed-${index}`, { type: 'killed' });
      await sendUntilAcknowledged(harness.ingest, alert);
      if (index % 20 === 10) harness.cluster.kill('worker-0', 'SIGKILL');
    }
    const made = await eventually(
      'all Workflows',
      async () => {
        const { items } = await harness.client(workflows).list({ namespace: NAMESPACE });
        const own = items.filter(({ metadata }) => metadata.labels?.[labels.rule] === 'killed');
        return own.length === 61 && own;
      },
      { withinMs: 120_000, everyMs: 500 },
    );
    expect(await verifyFile(path)).toMatchObject({ ok: true });
    const submitting = recordsOf('killed').filter(({ decision }) => decision === 'Submitting');
    const names = new Set(submitting.map((record) => ('remediation' in record ? record.remediation.name : '')));
    expect(made.filter(({ metadata }) => !names.has(metadata.name))).toEqual([]);
  }, 150_000);
});
