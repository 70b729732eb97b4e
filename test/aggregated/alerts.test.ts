import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  alertAcknowledge,
  alertResolve,
  alertSilence,
} from '../../apiserver/aggregated/subresources/alert-decisions.ts';
import { remediationApprove } from '../../apiserver/aggregated/subresources/remediation-decisions.ts';
import { join } from 'node:path';
import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { aegisAlertOpsRules } from '../../crds/ops-rule.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { examples } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert, post } from '../harness/senders.ts';
import { startSubresourceFixture, type SubresourceFixture } from './support/subresource-fixture.ts';

let fixture: SubresourceFixture;

beforeAll(async () => {
  fixture = await startSubresourceFixture();
  await fixture.harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
}, 180_000);

afterAll(async () => {
  await fixture.stop();
}, 60_000);

function alertWhere(name: string, holds: (alert: AegisAlert) => boolean): Promise<AegisAlert> {
  return eventually(`the alert ${name}`, async () => {
    const alert = await fixture.harness.client(aegisAlerts).find({ namespace: NAMESPACE, name });
    return alert !== undefined && holds(alert) && alert;
  });
}

const trigger = ({ status }: AegisAlert) => status?.opsStatus?.triggerStatus;

/** An alert that no rule matches yet; `start` makes a rule match. */
async function waiting(name: string): Promise<{ start: () => Promise<void> }> {
  const type = `Type-${name}`;
  const created = await fixture.alert(name);
  await fixture.harness.client(aegisAlerts).delete(created.metadata);
  const { metadata, spec } = created;
  const fresh = { name: metadata.name, namespace: NAMESPACE };
  await fixture.harness.client(aegisAlerts).create({ ...created, metadata: fresh, spec: { ...spec, type } });
  await alertWhere(name, (alert) => trigger(alert) === 'RuleNotFound');
  return {
    start: async () => {
      const opsTemplate = { name: 'nodehasemergencyevent' };
      await fixture.harness.client(aegisAlertOpsRules).create({
        apiVersion: 'aegis.io/v1alpha1',
        kind: 'AegisAlertOpsRule',
        metadata: { name, namespace: NAMESPACE },
        spec: { alertConditions: [{ type, status: 'Firing' }], opsTemplate, priority: 0, enabled: true },
      });
    },
  };
}

describe('a silenced alert', () => {
  const silence = (name: string, body: object, who = 'jane') =>
    fixture.ask(alertSilence(fixture.context), who, name, { body });

  it('a silenced alert starts nothing until a user ends the silence', async () => {
    const { start } = await waiting('quiet');
    expect(await silence('quiet', { for: '2h', reason: 'vendor' })).toMatchObject({
      code: 200,
      object: { status: { silencedBy: 'jane', silenceReason: 'vendor' } },
    });
    await start();
    const held = await alertWhere('quiet', (alert) => trigger(alert) === 'Blocked');
    const message = held.status?.conditions?.find(({ type }) => type === 'Triggered')?.message;
    expect(message).toMatch(/silenced until .* by jane: vendor/);
    expect(held.status).not.toHaveProperty('remediations');
    expect(await silence('quiet', { for: '0s' }, 'joe')).toMatchObject({ code: 200 });
    await alertWhere('quiet', (alert) => trigger(alert) === 'Triggered');
    expect(fixture.events).toContain('SilenceEnded: joe ended the silence (kubectl)');
  });

  it('a silenced alert is remediated when its silence expires', async () => {
    const { start } = await waiting('short');
    await silence('short', { until: new Date(Date.now() + 5_000).toISOString(), reason: 'a moment' });
    await start();
    await alertWhere('short', (alert) => trigger(alert) === 'Blocked');
    await alertWhere('short', (alert) => trigger(alert) === 'Triggered');
  });

  it('a silence blocks an attempt that was not submitted yet', async () => {
    const attempt = await fixture.reaches(await fixture.attempt('held'), 'AwaitingApproval');
    const { alertRef } = attempt.spec;
    await silence(alertRef.name, { for: '1h', reason: 'wait' });
    const body = { manifestHash: attempt.spec.manifestHash };
    for (const who of ['jane', 'joe']) {
      await fixture.ask(remediationApprove(fixture.context), who, attempt.metadata.name, { body });
    }
    await fixture.reaches(attempt, 'Blocked', 'Silenced');
    await silence(alertRef.name, { for: '0s' });
    await fixture.reaches(attempt, 'Submitted');
  });

  it.each<[object, string]>([
    [{}, 'for'],
    [{ for: '2h' }, 'reason'],
    [{ for: '2h', until: '2100-01-01T00:00:00Z', reason: 'x' }, 'until'],
    [{ for: '721h', reason: 'x' }, 'for'],
    [{ until: '2100-01-01T00:00:00Z', reason: 'x' }, 'until'],
    [{ until: '2020-01-01T00:00:00Z', reason: 'x' }, 'until'],
    [{ until: '2026-99-01T00:00:00Z', reason: 'x' }, 'until'],
  ])('a silence request with %j is refused', async (body, field) => {
    expect(await silence('quiet', body)).toMatchObject({
      code: 422,
      message: expect.stringContaining(field) as unknown,
    });
  });
});

describe('an alert that a user acknowledges', () => {
  it('an acknowledged alert names the last user who acknowledged it', async () => {
    await fixture.alert('mine');
    const acknowledge = (who: string) => fixture.ask(alertAcknowledge(fixture.context), who, 'mine');
    expect(await acknowledge('jane')).toMatchObject({ object: { status: { acknowledgedBy: 'jane' } } });
    expect(await acknowledge('joe')).toMatchObject({ object: { status: { acknowledgedBy: 'joe' } } });
    const before = fixture.events.length;
    expect(await acknowledge('joe')).toMatchObject({ code: 200 });
    expect(fixture.events).toHaveLength(before);
    expect(await fixture.ask(alertAcknowledge(fixture.context), 'joe', 'nothing')).toMatchObject({ code: 404 });
    const kept = await alertWhere('mine', (alert) => trigger(alert) === 'RuleNotFound');
    expect(kept.status?.acknowledgedBy).toBe('joe');
  });
});

describe('an alert that a user resolves', () => {
  it('an alert resolved by a user ends once, and ignores late repeats of its sender', async () => {
    const url = `${fixture.harness.ingest[0] ?? ''}/default/alert`;
    const sent = nodeAlert('by-hand', { type: 'Nobody' });
    const startsAt = new Date(Date.now() - 60_000).toISOString();
    await post(url, { ...sent, startsAt });
    const { items } = await fixture.harness.client(aegisAlerts).list();
    const { metadata } = items.find(({ spec }) => spec.fingerprint === 'by-hand')!;
    const resolve = () =>
      fixture.ask(alertResolve(fixture.context), 'jane', metadata.name, { body: { comment: 'mended' } });
    expect(await resolve()).toMatchObject({ code: 200, object: { spec: { status: 'Resolved' } } });
    const resolved = await alertWhere(metadata.name, ({ status }) => status?.status === 'Resolved');
    expect(Date.parse(resolved.spec.endsAt ?? '')).toBeGreaterThan(0);
    expect(resolved.metadata.annotations?.['aegis.io/resolved-at']).toBe(resolved.spec.endsAt);
    const again = await resolve();
    expect(again).toMatchObject({ code: 200, object: { spec: { endsAt: resolved.spec.endsAt } } });
    const told = fixture.events.filter((one) => one === 'ResolvedByUser: jane resolved it (kubectl): mended');
    expect(told).toHaveLength(1);
    const late = await post(url, { ...sent, startsAt });
    expect(JSON.parse(late.text)).toMatchObject({ created: 0, ignored: 1 });
  });

  it('an alert resolved by a user cannot be silenced', async () => {
    await fixture.alert('over');
    await fixture.ask(alertResolve(fixture.context), 'jane', 'over');
    const body = { for: '1h', reason: 'x' };
    expect(await fixture.ask(alertSilence(fixture.context), 'jane', 'over', { body })).toMatchObject({ code: 409 });
  });
});
