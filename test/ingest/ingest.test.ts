import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { labels } from '../../crds/labels.ts';
import { exampleAlert } from '../../devcluster/start/example.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert, post } from '../harness/senders.ts';
import { alertmanagerGroup, startIngest, type IngestFixture } from './fixture.ts';

const run = promisify(execFile);
let fixture: IngestFixture;

beforeAll(async () => {
  fixture = await startIngest(3, ['--drain-delay=0s']);
}, 120_000);

afterAll(async () => {
  await fixture.stop();
}, 60_000);

async function ofPrefix(prefix: string, namespace?: string) {
  return (await fixture.list(namespace)).filter(({ spec }) => spec.fingerprint?.startsWith(prefix));
}

function url(index = 0): string {
  return fixture.urls[index]!;
}

describe('the ingest on a real API server', () => {
  it("the ingest accepts the curl command of the original's README and shows the alert in its columns", async () => {
    const { stdout } = await run('curl', ['-sS', '-X', 'POST', `${url()}/default/alert`, '-d', exampleAlert()]);
    expect(JSON.parse(stdout)).toEqual({
      accepted: 1,
      created: 1,
      duplicates: 0,
      resolved: 0,
      ignored: 0,
      rejected: [],
    });
    const shown = await fixture.cluster.kubectl(['-n', 'monitoring', 'get', 'aegisalert']);
    expect(shown).toMatch(/default-nodehasemergencyevent-[0-9a-z]{10} +NodeHasEmergencyEvent +Node +dev1 +Firing +1 /);
  });

  it('F14: a group of 1,000 alerts that ten senders send to three processes at once is stored once', async () => {
    const group = alertmanagerGroup('group', 1000);
    // A sender repeats what was not acknowledged: on a slow machine 1,000 creations may take longer than an answer may.
    const send = (index: number) =>
      eventually(
        'an acknowledgement',
        async () => (await post(`${url(index % 3)}/alertmanager/alert`, group)).status === 200,
        {
          withinMs: 60_000,
        },
      );
    await Promise.all(Array.from({ length: 10 }, (_, index) => send(index)));
    const stored = await ofPrefix('group-');
    expect(stored).toHaveLength(1000);
    expect(new Set(stored.map(({ spec }) => spec.fingerprint)).size).toBe(1000);
    expect(stored[0]?.spec).toMatchObject({ severity: 'critical', involvedObject: { kind: 'Node' } });
  }, 120_000);

  it('3,000 equal alerts of ten senders are stored once and all counted, with few writes', async () => {
    const alert = nodeAlert('same');
    const droppedMetric = 'aegis_ingest_repeats_dropped_total';
    const droppedBefore = await fixture.metric(droppedMetric);
    await Promise.all(
      Array.from({ length: 10 }, async (_, sender) => {
        for (let n = 0; n < 300; n += 1) expect((await post(`${url(sender % 3)}/alert`, alert)).status).toBe(200);
      }),
    );
    expect(await ofPrefix('same')).toHaveLength(1);
    // The group before has left the three processes with thousands of counts, which go first: minutes on a slow machine.
    await eventually(
      'all counts to be written',
      async () => (await fixture.metric('aegis_ingest_repeats_pending')) === 0,
      { withinMs: 120_000 },
    );
    const count = (await ofPrefix('same'))[0]?.status?.count ?? 0;
    // Repeats whose writing got no answer are left out and counted as such; none is counted twice.
    const dropped = (await fixture.metric(droppedMetric)) - droppedBefore;
    expect(count).toBeLessThanOrEqual(3000);
    expect(count).toBeGreaterThanOrEqual(3000 - dropped);
  }, 240_000);

  it('the ingest resolves an alert while others write the same object, and starts the next episode', async () => {
    const group = (status: string, times: object) => alertmanagerGroup('turn', 20, { status, ...times });
    await post(`${url(0)}/alertmanager/alert`, group('firing', {}));
    const [answer] = await Promise.all([
      post(`${url(1)}/alertmanager/alert`, group('resolved', { endsAt: '2026-03-01T10:10:00Z' })),
      ...(await ofPrefix('turn-')).map(({ metadata }) =>
        fixture.alerts.patch(
          metadata,
          { status: { triggerStatus: 'x', startTime: '2026-03-01T10:00:00Z' } },
          { subresource: 'status' },
        ),
      ),
    ]);
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 20, resolved: 20 });
    expect(
      JSON.parse(
        (await post(`${url(2)}/alertmanager/alert`, group('firing', { startsAt: '2026-03-01T10:20:00Z' }))).text,
      ),
    ).toMatchObject({ created: 20 });
    const stored = await ofPrefix('turn-');
    expect(
      stored.filter(({ spec }) => spec.status === 'Resolved' && spec.endsAt === '2026-03-01T10:10:00Z'),
    ).toHaveLength(20);
    expect(
      stored.filter(({ spec, metadata }) => spec.status === 'Firing' && metadata.labels?.[labels.episode] === '2'),
    ).toHaveLength(20);
  });

  it('the ingest stores the good alerts of a payload, and a dead letter for each bad one', async () => {
    const { alerts } = alertmanagerGroup('mixed', 2) as { alerts: object[] };
    const payload = {
      alerts: [alerts[0], { status: 'firing', labels: {} }, { ...alerts[1], status: 'strange' }, alerts[1]],
    };
    const { status, text } = await post(`${url()}/alertmanager/alert`, payload);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ accepted: 2, created: 2, rejected: [{ index: 1 }, { index: 2 }] });
    const letters = await eventually('the dead letters', async () => {
      const data = await fixture.cluster.kubectl([
        '-n',
        'monitoring',
        'get',
        'configmap',
        'aegis-ingest-dead-letters',
        '-o',
        'json',
      ]);
      const entries = Object.values((JSON.parse(data) as { data: Record<string, string> }).data);
      const reasons = entries.map((entry) => (JSON.parse(entry) as { reason: string }).reason);
      return reasons.includes('Unreadable') && reasons.includes('UnknownStatus') && reasons;
    });
    expect(letters.length).toBeGreaterThanOrEqual(2);
  });

  it('an alert is stored in the requested namespace, or elsewhere with a notice', async () => {
    await fixture.cluster.kubectl(['create', 'namespace', 'team-a']);
    expect((await post(`${url()}/alert?namespace=team-a`, nodeAlert('there'))).text).not.toContain('notices');
    expect(await ofPrefix('there', 'team-a')).toHaveLength(1);
    const { text } = await post(`${url()}/alert?namespace=team-b`, nodeAlert('nowhere'));
    expect(JSON.parse(text)).toMatchObject({ created: 1, notices: [expect.stringContaining('team-b')] });
    const [kept] = await ofPrefix('nowhere', 'monitoring');
    expect(kept?.metadata.labels).toMatchObject({ [labels.requestedNamespace]: 'team-b' });
    await fixture.cluster.kubectl(['delete', 'namespace', 'team-a', '--wait=false']);
    const late = await eventually('an alert kept elsewhere', async () => {
      const answer = await post(`${url()}/alert?namespace=team-a`, nodeAlert(`going-${performance.now()}`));
      return answer.status === 200 && answer.text.includes('notices') && answer;
    });
    expect(late.status).toBe(200);
  });

  it('the ingest stores the largest and strangest alert that a sender can make', async () => {
    const details: Record<string, unknown> = { nested: { a: [1, null] }, nul: '\u0000', half: '\ud800', number: 1e308 };
    for (let n = 0; n < 300; n += 1) details[`key-${n}/${'ü'.repeat(50)}`] = '\u0001'.repeat(3_500);
    const alert = { ...nodeAlert('strange'), type: 'x'.repeat(10_000), fingerprint: 'strange'.repeat(1000), details };
    const { status, text } = await post(`${url()}/alert`, {
      ...alert,
      involvedObject: { kind: 'ü', name: '💥'.repeat(500) },
    });
    expect({ status, text }).toMatchObject({ status: 200, text: expect.stringContaining('"created":1') });
    expect((await post(`${url(1)}/alert`, { ...alert, status: 'resolved' })).text).toContain('"resolved":1');
  });

  it('F18: the ingest answers 503 within five seconds while the API server hangs, and stores the same alert afterwards', async () => {
    fixture.cluster.kill('kube-apiserver', 'SIGSTOP');
    try {
      const started = performance.now();
      const answers = await Promise.all(
        [0, 1, 2].map((index) => post(`${url(index)}/alert`, nodeAlert(`hung-${index}`))),
      );
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
      expect(performance.now() - started).toBeLessThan(5_000);
      expect((await post(`${url(0)}/alert`, nodeAlert('same'))).text).toContain('"duplicates":1');
    } finally {
      fixture.cluster.kill('kube-apiserver', 'SIGCONT');
    }
    await eventually(
      'the alert to be taken',
      async () => (await post(`${url(1)}/alert`, nodeAlert('hung-0'))).status === 200,
    );
    expect(await ofPrefix('hung-0')).toHaveLength(1);
  }, 60_000);

  it('F18: the ingest answers 503 while the API server is gone, and stores everything after its restart', async () => {
    fixture.cluster.kill('kube-apiserver', 'SIGKILL');
    const first = await post(`${url()}/alert`, nodeAlert('gone'));
    expect([200, 503]).toContain(first.status);
    await eventually(
      'the alert to be taken',
      async () => (await post(`${url()}/alert`, nodeAlert('gone'))).status === 200,
      {
        withinMs: 60_000,
      },
    );
    expect(await ofPrefix('gone')).toHaveLength(1);
  }, 90_000);

  it('no acknowledged alert is lost when ingest processes are killed under load', async () => {
    const acknowledged = new Set<string>();
    let running = true;
    const senders = Array.from({ length: 12 }, async (_, sender) => {
      for (let n = 0; running; n += 1) {
        const fingerprint = `killed-${sender}-${n}`;
        const answer = await post(`${url((sender + n) % 3)}/alert`, nodeAlert(fingerprint));
        if (answer.status === 200) acknowledged.add(fingerprint);
        // Processes that come back leave the machine's two cores a moment.
        else await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    for (let kill = 0; kill < 6; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      fixture.cluster.kill(`apiserver-${kill % 3}`, 'SIGKILL');
    }
    running = false;
    await Promise.all(senders);
    const stored = new Set((await ofPrefix('killed-')).map(({ spec }) => spec.fingerprint));
    expect(acknowledged.size).toBeGreaterThan(50);
    expect([...acknowledged].filter((fingerprint) => !stored.has(fingerprint))).toEqual([]);
    expect(await ofPrefix('killed-')).toHaveLength(stored.size);
  }, 90_000);

  it('an ingest process that stops answers every request first', async () => {
    await Promise.all([0, 1, 2].map((index) => fixture.cluster.supervisor.ready(`apiserver-${index}`)));
    const answers: number[] = [];
    let running = true;
    const senders = Array.from({ length: 8 }, async (_, sender) => {
      for (let n = 0; running; n += 1) {
        const { status } = await post(`${url(0)}/alert`, nodeAlert(`stopped-${sender}-${n}`));
        // Status 0: the port is closed, as it should be at the end.
        if (status === 0) return;
        answers.push(status);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await fixture.cluster.supervisor.stop('apiserver-0');
    running = false;
    await Promise.all(senders);
    expect(answers.length).toBeGreaterThan(8);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect((await ofPrefix('stopped-')).length).toBe(answers.length);
  }, 60_000);
});
