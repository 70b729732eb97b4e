import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { alertInspect } from '../../apiserver/aggregated/subresources/alert-inspect.ts';
import { alertTrigger } from '../../apiserver/aggregated/subresources/alert-trigger.ts';
import { remediationInspect } from '../../apiserver/aggregated/subresources/remediation-inspect.ts';
import { templateRender } from '../../apiserver/aggregated/subresources/template-render.ts';
import type { Deps } from '../../apiserver/aggregated/subresources/deps.ts';
import type { Caches } from '../../apiserver/caches.ts';
import { createReadContext, type ReadContext } from '../../apiserver/aggregated/subresources/read-context.ts';
import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { annotations, labels } from '../../crds/labels.ts';
import type { KubeObject, ObjectMeta, ResourceType } from '../../crds/object.ts';
import { aegisAlertOpsRules } from '../../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../../crds/ops-template.ts';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import { AegisAlertInspection } from '../../crds/subresources/alert-inspection.ts';
import { AegisRemediationInspection } from '../../crds/subresources/remediation-inspection.ts';
import { AegisAlertTriggerPreview } from '../../crds/subresources/trigger.ts';
import { workflows } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { systemClock } from '../../lib/clock.ts';
import { events as eventType } from '../../kube/events/event.ts';
import { EventRecorder } from '../../kube/events/recorder.ts';
import { createKubeMetrics } from '../../kube/metrics.ts';
import { aRule, aTemplate, anAlert } from '../builders/objects.ts';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { resyncs } from '../harness/metrics.ts';
import { createFakeLogger } from '../kube/things.ts';
import { refusalOf, send, userNamed } from './support/calls.ts';
import { startInformers } from './support/informers.ts';
import { reviewsOf } from './support/reviews.ts';
import { createCompilers } from '../../remediation/planning/compilers.ts';

const alice = userNamed('alice');
const bob = userNamed('bob');
const mallory = userNamed('mallory');
let harness: Harness;
let deps: Deps;
let context: ReadContext;
let caches: Caches;
let informers: Awaited<ReturnType<typeof startInformers>>;
let recorder: EventRecorder;

beforeAll(async () => {
  harness = await startHarness({ apiservers: 0, workerArgs: ['--resync-interval=5s'] });
  const { rest, cluster } = harness;
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rights() }));
  const metrics = createKubeMetrics(new Registry());
  const logger = createFakeLogger();
  informers = await startInformers({ rest, metrics }, logger);
  ({ caches } = informers);
  recorder = new EventRecorder({
    client: harness.client(eventType),
    controller: 'aegis.io/apiserver',
    instance: 'test',
    clock: systemClock(),
    logger,
  });
  deps = {
    ...{ caches, rest, authorizer: reviewsOf(rest), events: recorder },
    ruleScope: 'Cluster',
    compilers: createCompilers(),
    now: () => new Date(),
  };
  context = createReadContext(deps);
}, 180_000);

afterAll(async () => {
  await informers.stop();
  await recorder.stop(1_000);
  await harness.stop();
}, 60_000);

/** alice and bob operate; mallory may trigger but use no template; all may look at alerts. */
function rights(): object[] {
  const role = (name: string, rules: object[], users: string[]): object[] => [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: users.map((user) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user })),
    },
  ];
  const aegis = (resources: string[], verbs: string[]): object => ({ apiGroups: ['aegis.io'], resources, verbs });
  return [
    ...role('look', [aegis(['aegisalerts'], ['get'])], ['alice', 'bob', 'mallory']),
    ...role('use', [aegis(['aegisopstemplates', 'aegisremediations'], ['get', 'use'])], ['alice', 'bob']),
  ];
}

/** Returns the metadata that a client may set on a new object. */
function asNew({ name, namespace = '' }: ObjectMeta): ObjectMeta {
  return { name, namespace };
}

/** A firing alert that no rule knows, in the caches. */
async function alertNamed(name: string, spec: Partial<AegisAlert['spec']> = {}): Promise<AegisAlert> {
  // Each for a node of its own: no controller runs these Workflows, and a running attempt keeps the lock of its node.
  const own = { type: `Type${name}`, fingerprint: name, involvedObject: { kind: 'Node', name } };
  const object = anAlert({ metadata: { name }, spec: { ...own, ...spec } });
  const metadata = asNew(object.metadata);
  const made = await harness.client(aegisAlerts).create({ ...object, metadata });
  await eventually('the alert in the cache', () => caches.alerts.get(NAMESPACE, name));
  return made;
}

async function templateNamed(name: string, namespace = NAMESPACE): Promise<void> {
  const { spec } = aTemplate();
  const metadata = { name, namespace };
  await harness
    .client(aegisOpsTemplates)
    .create({ apiVersion: 'aegis.io/v1alpha1', kind: 'AegisOpsTemplate', metadata, spec });
  await eventually('the template in the cache', () => caches.templates.get(namespace, name));
}

async function ruleFor(type: string, template: string, spec: object = {}): Promise<void> {
  const name = type.toLowerCase();
  await harness.client(aegisAlertOpsRules).create({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name, namespace: NAMESPACE },
    spec: { ...aRule().spec, alertConditions: [{ type, status: 'Firing' }], opsTemplate: { name: template }, ...spec },
  });
  await eventually('the rule in the cache', () => caches.rules.get(NAMESPACE, name));
}

async function attemptsFor(alert: AegisAlert): Promise<AegisRemediation[]> {
  const { items } = await harness.client(aegisRemediations).list();
  return items.filter(({ spec }) => spec.alertRef.uid === alert.metadata.uid);
}

function trigger(name: string, body: object = {}, changes: object = {}) {
  return send(alertTrigger(context).create, { name, body, user: alice, ...changes });
}

function hasWorkflow(name: string): Promise<unknown> {
  return eventually('the Workflow', () => harness.client(workflows).find({ namespace: NAMESPACE, name }));
}

async function eventsAbout(alert: AegisAlert): Promise<string[]> {
  const { items } = await harness.client(eventType).list({ namespace: NAMESPACE });
  return items.filter((event) => event.regarding.uid === alert.metadata.uid).map(({ reason }) => reason);
}

describe('a trigger by hand', () => {
  it('a trigger runs a template as a Workflow for an alert that no rule matches', async () => {
    await templateNamed('by-hand');
    const alert = await alertNamed('by-hand');
    const { code, object } = await trigger('by-hand', { template: 'by-hand', reason: 'the pager rang' });
    const made = object as AegisRemediation;
    expect(code).toBe(201);
    expect(made.spec).toMatchObject({ attempt: 1, requestedBy: { username: 'alice', via: 'kubectl' } });
    expect(made.spec.ruleRef).toBeUndefined();
    expect(made.metadata.annotations?.[annotations.reason]).toBe('the pager rang');
    await hasWorkflow(made.metadata.name);
    await eventually('the alert to show it', async () => {
      const { status } = await harness.client(aegisAlerts).get(alert.metadata);
      return status?.opsStatus?.triggerStatus === 'Triggered' && status.remediations?.[0]?.name === made.metadata.name;
    });
    await eventually('the event', async () => (await eventsAbout(alert)).includes('TriggeredByUser'));
  });

  it('a rule that is created after a trigger starts no second attempt in the episode', async () => {
    await templateNamed('later');
    const alert = await alertNamed('later');
    const { object } = await trigger('later', { template: 'later' });
    await hasWorkflow((object as AegisRemediation).metadata.name);
    await ruleFor('Typelater', 'later');
    await resyncs(harness, 'worker-0', 2);
    expect(await attemptsFor(alert)).toHaveLength(1);
  });

  it('a triggered dry run ends as DryRun, and the rule still acts', async () => {
    await templateNamed('rehearsed');
    const alert = await alertNamed('rehearsed');
    const { object } = await trigger('rehearsed', { template: 'rehearsed', dryRun: true });
    const { name } = (object as AegisRemediation).metadata;
    await eventually('the phase DryRun', async () => {
      const { status } = await harness.client(aegisRemediations).get({ namespace: NAMESPACE, name });
      return status?.phase === 'DryRun';
    });
    await ruleFor('Typerehearsed', 'rehearsed');
    const acted = await eventually('the attempt of the rule', async () =>
      (await attemptsFor(alert)).find(({ spec }) => spec.requestedBy.via === 'rule'),
    );
    await hasWorkflow(acted.metadata.name);
    expect(await harness.client(workflows).find({ namespace: NAMESPACE, name })).toBeUndefined();
  });

  it('twenty concurrent triggers with one requestID make one attempt and one Workflow', async () => {
    await templateNamed('twenty');
    const alert = await alertNamed('twenty');
    const body = { template: 'twenty', requestID: 'r-1', parameters: { node: 'dev2' } };
    const answers = await Promise.all(Array.from({ length: 20 }, () => trigger('twenty', body)));
    const names = new Set(answers.map(({ object }) => (object as AegisRemediation).metadata.name));
    expect(names.size).toBe(1);
    expect(answers.filter(({ code }) => code === 201)).toHaveLength(1);
    const [name = ''] = names;
    await hasWorkflow(name);
    expect((await trigger('twenty', body)).code).toBe(200);
    expect(await attemptsFor(alert)).toHaveLength(1);
    const { items } = await harness.client(workflows).list({ labelSelector: `${labels.alert}=twenty` });
    expect(items).toHaveLength(1);
    const other = await refusalOf(trigger('twenty', { ...body, parameters: { node: 'dev3' } }));
    expect(other).toMatchObject({ code: 409, message: expect.stringContaining('another request') as unknown });
  });

  it('a trigger with the requestID of another user is refused', async () => {
    await templateNamed('theirs');
    const alert = await alertNamed('theirs');
    await trigger('theirs', { template: 'theirs', requestID: 'r-1' });
    const status = await refusalOf(trigger('theirs', { template: 'theirs', requestID: 'r-1' }, { user: bob }));
    expect(status).toMatchObject({ code: 409, message: expect.stringContaining('another user') as unknown });
    expect(await attemptsFor(alert)).toHaveLength(1);
  });

  it('a trigger by a user who may not use the template is refused and creates nothing, also across namespaces', async () => {
    await harness.cluster.kubectl(['create', 'namespace', 'vault']);
    await templateNamed('locked', 'vault');
    const alert = await alertNamed('locked');
    const status = await refusalOf(trigger('locked', { template: 'vault/locked' }, { user: mallory }));
    expect(status).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(status.message).toContain('cannot use');
    expect(await attemptsFor(alert)).toEqual([]);
    const preview = send(alertTrigger(context).get, {
      name: 'locked',
      user: mallory,
      query: new URLSearchParams({ template: 'vault/locked' }),
    });
    expect(await refusalOf(preview)).toMatchObject({ code: 403 });
  });

  it('a trigger with ?dryRun=All is validated by the API server and not stored', async () => {
    await templateNamed('tried');
    const alert = await alertNamed('tried');
    const { code, object } = await trigger('tried', { template: 'tried' }, { dryRun: true });
    expect(code).toBe(201);
    expect((object as AegisRemediation).metadata.uid).toBeDefined();
    expect(await attemptsFor(alert)).toEqual([]);
    expect(await eventsAbout(alert)).not.toContain('TriggeredByUser');
  });

  it('a trigger in a terminating namespace is refused with the message of the API server', async () => {
    await harness.cluster.kubectl(['create', 'namespace', 'leaving']);
    const object = anAlert({ metadata: { name: 'leaving', namespace: 'leaving' } });
    const metadata = asNew(object.metadata);
    await harness
      .client(aegisAlerts)
      .create({ ...object, metadata: { ...metadata, finalizers: ['test.aegis.io/stay'] } });
    const before = await eventually('the alert in the cache', () => caches.alerts.get('leaving', 'leaving'));
    await templateNamed('leaves');
    const body = { template: `${NAMESPACE}/leaves` };
    await harness.cluster.kubectl(['delete', 'namespace', 'leaving', '--wait=false']);
    // A cache that does not know yet that the alert goes.
    const behind = createReadContext({
      ...deps,
      caches: { ...caches, alerts: { ...caches.alerts, get: () => before } },
    });
    const status = await refusalOf(
      send(alertTrigger(behind).create, { namespace: 'leaving', name: 'leaving', body, user: alice }),
    );
    expect(status).toMatchObject({
      ...{ code: 403, reason: 'Forbidden', message: expect.stringContaining('being terminated') as unknown },
      details: { causes: [expect.objectContaining({ reason: 'NamespaceTerminating' })] },
    });
    expect(status.message).not.toContain('denied Aegis itself');
    await harness
      .client(aegisAlerts)
      .patch({ namespace: 'leaving', name: 'leaving' }, { metadata: { finalizers: [] } });
  });

  it('a trigger works for an alert that is not in the cache yet, and returns 404 for a missing one', async () => {
    await templateNamed('unseen');
    const unseen = anAlert({ metadata: { name: 'unseen' }, spec: { type: 'Unseen', fingerprint: 'unseen' } });
    const metadata = asNew(unseen.metadata);
    await harness.client(aegisAlerts).create({ ...unseen, metadata });
    const blind = createReadContext({
      ...deps,
      caches: { ...caches, alerts: { ...caches.alerts, get: () => undefined } },
    });
    const answer = await send(alertTrigger(blind).create, {
      name: 'unseen',
      user: alice,
      body: { template: 'unseen' },
    });
    expect(answer.code).toBe(201);
    expect(await refusalOf(trigger('no-such-alert'))).toMatchObject({
      code: 404,
      message: 'aegisalerts.aegis.io "no-such-alert" not found',
    });
  });

  it('a trigger that does not render names the parameter', async () => {
    await templateNamed('refused');
    const alert = await alertNamed('refused');
    const status = await refusalOf(trigger('refused', { template: 'refused', parameters: { node: 'x; reboot' } }));
    expect(status).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(status.details?.causes?.map(({ field }) => field)).toEqual(['parameters.node']);
    expect(await attemptsFor(alert)).toEqual([]);
  });
});

describe('GET', () => {
  it('a hundred GET requests of all views change nothing and record no event', async () => {
    await templateNamed('looked-at');
    await ruleFor('Typelooked-at', 'looked-at');
    const alert = await alertNamed('looked-at');
    const attempt = await eventually('the attempt', async () => (await attemptsFor(alert))[0]);
    await hasWorkflow(attempt.metadata.name);
    await eventually('the alert at rest', () => {
      const cached = caches.alerts.get(NAMESPACE, 'looked-at');
      return cached?.status?.opsStatus?.triggerStatus === 'Triggered';
    });
    await eventually('the Workflow in the cache', () => caches.workflows.get(NAMESPACE, attempt.metadata.name));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const before = await snapshot();
    let writes = 0;
    const counting = createReadContext({
      ...deps,
      authorizer: { authorize: () => Promise.resolve({ outcome: 'allowed' }) },
      rest: {
        ...deps.rest,
        request: (request) => {
          if (request.method !== 'GET') writes += 1;
          return deps.rest.request(request);
        },
      },
      events: { record: () => void (writes += 1) },
    });
    for (let index = 0; index < 100; index += 1) {
      const { object } = await send(alertInspect(counting).get, { name: 'looked-at', user: alice });
      AegisAlertInspection.parse(object);
      AegisAlertTriggerPreview.parse((await send(alertTrigger(counting).get, { name: 'looked-at' })).object);
      const inspection = await send(remediationInspect(counting).get, { name: attempt.metadata.name });
      AegisRemediationInspection.parse(inspection.object);
    }
    expect(writes).toBe(0);
    expect(await snapshot()).toEqual(before);
  });

  it('inspect shows rule, gates, Workflow and timeline of an alert', async () => {
    const { object } = await send(alertInspect(context).get, { name: 'looked-at', user: alice });
    const inspection = object as AegisAlertInspection;
    expect(inspection.trigger.status).toBe('Triggered');
    expect(inspection.rules[0]).toMatchObject({ verdict: 'Chosen', template: { renders: true } });
    expect(inspection.preview).toMatchObject({ ok: true, exists: true, workflow: { kind: 'Workflow' } });
    expect(inspection.gates.length).toBeGreaterThan(0);
    expect(inspection.remediations[0]?.workflow.found).toBe(true);
    expect(inspection.timeline.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['Received', 'Created', 'Submitted', 'Triggered']),
    );
    expect(inspection.freshness.lastHeard.aegisalerts).toBeDefined();
    const theirs = await send(alertInspect(context).get, { name: 'looked-at', user: mallory });
    expect((theirs.object as AegisAlertInspection).preview.workflow).toBeUndefined();
    expect(
      await refusalOf(send(alertInspect(context).get, { name: 'looked-at', user: userNamed('nobody') })),
    ).toMatchObject({
      code: 403,
    });
  });

  it('render shows the Workflow for an alert and the problems with it', async () => {
    const render = (body: object) => send(templateRender(context).create, { name: 'looked-at', body, user: alice });
    expect((await render({ alert: 'looked-at' })).object).toMatchObject({ ok: true, workflow: { kind: 'Workflow' } });
    expect((await render({})).object).toMatchObject({ ok: false, problems: [{ variable: 'node' }] });
    expect(await refusalOf(render({ alert: 'no-such' }))).toMatchObject({ code: 422 });
  });
});

/** The version of everything that a subresource might change. */
async function snapshot(): Promise<string[]> {
  const versions = async <T extends KubeObject>(type: ResourceType<T>): Promise<string[]> => {
    const { items } = await harness.client(type).list({ namespace: NAMESPACE });
    return items.map(({ metadata: { uid, resourceVersion } }) => `${uid} ${resourceVersion}`);
  };
  const about = caches.alerts.get(NAMESPACE, 'looked-at');
  return [
    ...(await versions(aegisAlerts)),
    ...(await versions(aegisRemediations)),
    ...(await versions(workflows)),
    ...(about === undefined ? [] : await eventsAbout(about)),
  ].sort();
}
