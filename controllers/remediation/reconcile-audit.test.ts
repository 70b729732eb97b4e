import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyFile } from '../../cli/audit-file.ts';
import { createLogger } from '../../process/logger.ts';
import { createAudit } from '../audit/audit.ts';
import { after, anAlert } from '../../test/builders/objects.ts';
import { planned, reconcileIn } from '../../test/fakes/remediation-run.ts';
import { Killed, RemediationCluster } from '../../test/fakes/remediation-cluster.ts';

let cluster: RemediationCluster;
let folder: string;
let path: string;
let failures: number;

beforeEach(() => {
  cluster = new RemediationCluster(anAlert(), planned());
  folder = mkdtempSync(join(tmpdir(), 'aegis-audit-'));
  path = join(folder, 'log', 'audit.log');
  failures = 0;
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** From now on there is a place for the file. */
function makeRoom(): void {
  mkdirSync(join(folder, 'log'));
}

/** A worker as after a restart. */
function reconcile() {
  const logger = createLogger('silent');
  cluster.audit = createAudit({ path, logger, observeFailure: () => void (failures += 1) });
  return reconcileIn(cluster);
}

function decisions(): string[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { decision: string }).decision);
}

function phase(): string | undefined {
  return cluster.remediation?.status?.phase;
}

describe('the audit record of an attempt', () => {
  it('the audit record of an attempt has every decision once, in a chain that each worker continues', async () => {
    makeRoom();
    for (let run = 0; run < 3; run += 1) await reconcile();
    cluster.run('Running');
    for (let run = 0; run < 2; run += 1) await reconcile();
    cluster.run('Succeeded');
    for (let run = 0; run < 2; run += 1) await reconcile();
    expect(decisions()).toEqual(['Submitting', 'Submitted', 'Running', 'Succeeded']);
    expect(await verifyFile(path)).toMatchObject({ ok: true });
  });

  it('the audit record of an attempt has the submission before the Workflow exists, also when the worker dies between them', async () => {
    makeRoom();
    // Points 1 and 2 are of the read, 3 is before the Workflow.
    cluster.killAt(3);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(cluster.created).toBe(0);
    expect(decisions()).toEqual(['Submitting']);
  });

  it('the audit record of an attempt has a decision before the status has it', async () => {
    makeRoom();
    cluster.alert = anAlert({ spec: { status: 'Resolved' } });
    // 1 to 4 are of reads, 5 is before the status.
    cluster.killAt(5);
    await expect(reconcile()).rejects.toThrow(Killed);
    expect(phase()).toBeUndefined();
    expect(decisions()).toEqual(['Cancelled']);
  });

  it('an audit record that cannot be written blocks the submission, and no lock is held meanwhile', async () => {
    const held: string[] = [];
    cluster.acquirables = [
      {
        name: 'target',
        acquire: () => Promise.resolve(void held.push('taken')),
        release: (_, use) => Promise.resolve(void held.push(use)),
      },
    ];
    expect(await reconcile()).toEqual({ requeueAfterMs: 60_000 });
    expect(cluster.remediation?.status).toMatchObject({ phase: 'Blocked', reason: 'AuditUnavailable' });
    expect(cluster.created).toBe(0);
    expect(held).toEqual(['taken', 'unused']);
    expect(failures).toBeGreaterThan(0);
    makeRoom();
    await reconcile();
    expect(cluster.created).toBe(1);
  });

  it('an audit record that cannot be written does not block an undo attempt', async () => {
    const alert = anAlert({ spec: { status: 'Resolved' } });
    const attempt = planned();
    cluster = new RemediationCluster(alert, { ...attempt, spec: { ...attempt.spec, alertStatus: 'Resolved' } });
    await reconcile();
    expect(cluster.created).toBe(1);
    expect(failures).toBe(1);
  });

  it('an audit record that cannot be written does not keep a running attempt from ending', async () => {
    makeRoom();
    await reconcile();
    rmSync(join(folder, 'log'), { recursive: true });
    cluster.run('Succeeded');
    await reconcile();
    expect(phase()).toBe('Succeeded');
    expect(cluster.workflow?.metadata.finalizers).toEqual([]);
    expect(failures).toBe(1);
  });

  it('an audit record that cannot be written does not hide a Workflow that an earlier try created without an answer', async () => {
    makeRoom();
    cluster.submitFails = { error: new Error('connection reset'), silently: true };
    await expect(reconcile()).rejects.toThrow('connection reset');
    rmSync(join(folder, 'log'), { recursive: true });
    cluster.stale = { noWorkflows: true };
    const released: string[] = [];
    cluster.acquirables = [
      {
        name: 'target',
        acquire: () => Promise.resolve(undefined),
        release: (_, use) => Promise.resolve(void released.push(use)),
      },
    ];
    cluster.now = after(1);
    await reconcile();
    expect(phase()).toBe('Submitted');
    expect(released).toEqual([]);
  });

  it('an attempt sends one event for each decision', async () => {
    await reconcile();
    expect(cluster.events).toEqual(['RemediationBlocked']);
    await reconcile();
    expect(cluster.events).toEqual(['RemediationBlocked']);
    makeRoom();
    for (let run = 0; run < 2; run += 1) await reconcile();
    expect(phase()).toBe('Submitted');
    expect(cluster.events).toEqual(['RemediationBlocked', 'RemediationSubmitted']);
    cluster.run('Running');
    await reconcile();
    expect(cluster.events).toHaveLength(2);
  });
});
