import { createCompilers } from '../../../remediation/planning/compilers.ts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { annotations } from '../../../crds/labels.ts';
import type { AegisRemediation } from '../../../crds/remediation.ts';
import { TriggerRequest } from '../../../crds/subresources/trigger.ts';
import { ApiError } from '../../../kube/client/api-error.ts';
import type { RestRequest } from '../../../kube/client/rest.ts';
import { aCall, refusalOf, send, userNamed } from '../../../test/aggregated/support/calls.ts';
import { anAlert, aRemediation, aRule, aTemplate, noon } from '../../../test/builders/objects.ts';
import { fakeCaches, type Contents } from '../../../test/fakes/caches.ts';
import { fakeRest } from '../../../test/fakes/rest-client.ts';
import type { Operation, Subresource } from '../../kubeapi/api.ts';
import { createReadContext } from './read-context.ts';
import { StatusError } from '../../kubeapi/status.ts';
import { alertInspect } from './alert-inspect.ts';
import { alertTrigger } from './alert-trigger.ts';
import { remediationInspect } from './remediation-inspect.ts';
import { templateRender } from './template-render.ts';

/** Returns whether the caller has a right: `verb resource namespace/name`. */
type Rights = (question: string) => boolean;

/** An API server that keeps what is created, behind caches that do not learn of it. */
function fixture(contents: Contents = {}, may: Rights = () => true) {
  const requests: RestRequest[] = [];
  const created = new Map<string, AegisRemediation>();
  const told: string[] = [];
  const notFound = new ApiError({ status: 404, reason: 'NotFound', message: 'gone', retry: { kind: 'terminal' } });
  const taken = new ApiError({ status: 409, reason: 'AlreadyExists', message: 'taken', retry: { kind: 'conflict' } });
  const context = createReadContext({
    caches: fakeCaches({ alerts: [anAlert()], rules: [aRule()], templates: [aTemplate()], ...contents }),
    rest: fakeRest((request) => {
      requests.push(request);
      const name = request.path.split('/').at(-1) ?? '';
      if (request.method === 'GET')
        return created.has(name) ? Promise.resolve(created.get(name)) : Promise.reject(notFound);
      const object = request.body as AegisRemediation;
      if (created.has(object.metadata.name)) return Promise.reject(taken);
      if (request.query?.['dryRun'] === undefined) created.set(object.metadata.name, object);
      return Promise.resolve(structuredClone(object));
    }),
    authorizer: {
      authorize: (_, { verb, resource, namespace, name }) =>
        Promise.resolve(
          may(`${verb} ${resource} ${namespace}/${name}`)
            ? { outcome: 'allowed' }
            : { outcome: 'denied', reason: `cannot ${verb} ${resource}` },
        ),
    },
    events: { record: (_, { note }) => void told.push(note) },
    ruleScope: 'Cluster',
    compilers: createCompilers(),
    now: () => noon,
  });
  return {
    context,
    requests,
    created,
    told,
    trigger: (body: object = {}, changes = {}) => send(alertTrigger(context).create, { body, ...changes }),
  };
}

function remediationIn(answer: { object: object }): AegisRemediation {
  return answer.object as AegisRemediation;
}

describe('a trigger by hand', () => {
  it('a trigger creates the next attempt by the matching rule and records an event on the alert', async () => {
    const { trigger, told } = fixture({ remediations: [aRemediation({ status: { phase: 'Failed' } })] });
    const answer = await trigger({ reason: 'once more' });
    expect(answer.code).toBe(201);
    expect(remediationIn(answer).spec).toMatchObject({
      ...{ attempt: 2, ruleRef: { name: 'disk' }, requestedBy: { username: 'alice', via: 'kubectl' } },
    });
    expect(told).toEqual([expect.stringMatching(/^alice started template monitoring\/cordon by rule .* once more$/)]);
  });

  it('a trigger with a requestID creates one attempt, and other content or another caller is a conflict', async () => {
    const { trigger, created, told } = fixture();
    const body = { requestID: 'r-1', reason: 'why' };
    const first = await trigger(body);
    const again = await trigger(body);
    expect([first.code, again.code, created.size, told.length]).toEqual([201, 200, 1, 1]);
    expect(remediationIn(again).metadata.name).toBe(remediationIn(first).metadata.name);
    expect(remediationIn(first).metadata.annotations).toMatchObject({ [annotations.requestId]: 'r-1' });
    expect(await refusalOf(trigger({ ...body, reason: 'other' }))).toMatchObject({ code: 409 });
    expect(await refusalOf(trigger(body, { user: userNamed('bob') }))).toMatchObject({ code: 409 });
  });

  it('a trigger with a requestID gets the same answer after rules have changed', async () => {
    const { trigger, created } = fixture();
    await trigger({ requestID: 'r-1' });
    const later = fixture({ rules: [], remediations: [...created.values()] });
    expect((await later.trigger({ requestID: 'r-1' })).code).toBe(200);
  });

  it('a trigger without a requestID names the user who started the attempt concurrently', async () => {
    const { trigger } = fixture();
    await trigger();
    const status = await refusalOf(trigger());
    expect(status).toMatchObject({ code: 409, message: expect.stringContaining('requestID') as unknown });
  });

  it.each<[string, string, object]>([
    ['look at the alert', 'get aegisalerts monitoring/default-disk-0123456789', {}],
    ['use the template', 'use aegisopstemplates monitoring/cordon', {}],
    ['use a template elsewhere', 'use aegisopstemplates vault/x', { template: 'vault/x' }],
  ])('a trigger requires the right to %s, whether or not the object exists', async (_, denied, body) => {
    const { trigger, requests } = fixture({}, (question) => question !== denied);
    expect(await refusalOf(trigger(body))).toMatchObject({ code: 403 });
    expect(requests).toEqual([]);
  });

  it.each<[string, Contents, object, number, string]>([
    ['no alert', { alerts: [] }, {}, 404, 'not found'],
    ['no rule', { rules: [] }, {}, 409, 'none of 0 rules'],
    ['a tie', { rules: [aRule(), aRule({ metadata: { name: 'twin' } })] }, {}, 409, 'monitoring/twin'],
    ['no template of the rule', { templates: [] }, {}, 409, 'monitoring/cordon'],
    ['no template of the request', {}, { template: 'x' }, 422, 'monitoring/x'],
    ['no rule of the request', {}, { rule: 'x' }, 422, 'monitoring/x'],
    ['a parameter that nothing uses', {}, { parameters: { nod: 'x' } }, 422, 'nod'],
    [
      'an alert that goes',
      { alerts: [anAlert({ metadata: { deletionTimestamp: '2026-01-02T12:00:00Z' } })] },
      {},
      409,
      'deleted',
    ],
  ])('a trigger is refused with %s', async (...[, contents, body, code, words]) => {
    const { trigger, created } = fixture(contents);
    expect(await refusalOf(trigger(body))).toMatchObject({ code, message: expect.stringContaining(words) as unknown });
    expect(created.size).toBe(0);
  });

  it('a trigger of a resolved alert succeeds with a warning', async () => {
    const { trigger } = fixture({ alerts: [anAlert({ spec: { status: 'Resolved' } })] });
    const answer = await trigger({ template: 'cordon' });
    expect(answer.warnings).toContain('the alert is resolved already');
    expect(remediationIn(answer).spec.alertStatus).toBe('Resolved');
  });

  it('a trigger with ?dryRun=All stores nothing and records no event', async () => {
    const { trigger, created, told, requests } = fixture();
    expect((await trigger({}, { dryRun: true })).code).toBe(201);
    expect([created.size, told.length, requests.at(-1)?.query?.['dryRun']]).toEqual([0, 0, 'All']);
  });

  it('a trigger warns about the gate at which the attempt will wait', async () => {
    const running = aRemediation({ metadata: { name: 'r', uid: 'u' }, status: { phase: 'Running' } });
    const { warnings } = await fixture({ remediations: [running] }).trigger();
    expect(warnings).toEqual([expect.stringContaining('waits for r')]);
  });

  it('a trigger records whether it came through kubectl, and a limited number of groups', async () => {
    const groups = Array.from({ length: 100 }, (_, index) => `group-${index}`);
    const user = { ...userNamed('alice'), groups: ['x'.repeat(300), ...groups] };
    const { requestedBy } = remediationIn(await fixture().trigger({}, { userAgent: 'curl/8 kubectl', user })).spec;
    expect(requestedBy.via).toBe('api');
    expect(requestedBy.groups).toEqual(groups.slice(0, 64));
    expect(await refusalOf(fixture().trigger({}, { user: userNamed('x'.repeat(257)) }))).toMatchObject({ code: 400 });
  });

  it('a GET previews a trigger and writes nothing', async () => {
    const { context, requests } = fixture();
    const get = (query: string) => send(alertTrigger(context).get, { query: new URLSearchParams(query) });
    const preview = (await get('parameter=node=dev7')).object;
    expect(preview).toMatchObject({ preview: { ok: true } });
    expect((preview as { gates: { passes: boolean }[] }).gates.map(({ passes }) => passes)).not.toContain(false);
    expect(JSON.stringify(preview)).toContain('kubectl cordon dev7');
    expect((await get('template=x')).object).toMatchObject({ preview: { ok: false, reason: 'TemplateNotFound' } });
    for (const query of ['rule=a&rule=b', 'parameter=x', 'parameter=a=1&parameter=a=2']) {
      expect(await refusalOf(get(query))).toMatchObject({ code: 400 });
    }
    expect(await refusalOf(get('template=Not%20a%20name'))).toMatchObject({ code: 422 });
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('any trigger request ends with an answer or a Status', async () => {
    const names = fc.constantFrom('disk', 'cordon', 'monitoring/cordon', 'x/y', 'a..b', '.', '__proto__');
    const arbitrary = fc.record(
      {
        rule: fc.oneof(names, fc.string()),
        template: fc.oneof(names, fc.string()),
        parameters: fc.dictionary(
          fc.oneof(fc.constantFrom('node', '__proto__', 'constructor'), fc.string()),
          fc.string(),
        ),
        reason: fc.string({ unit: 'binary' }),
        dryRun: fc.boolean(),
        requestID: fc.constantFrom('a', 'b', 'constructor'),
      },
      { requiredKeys: [] },
    );
    const { context } = fixture();
    const { create, get } = alertTrigger(context);
    const ends = async (operation: Operation | undefined, changes: object): Promise<void> => {
      try {
        await operation?.handle(aCall(changes));
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
    };
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.array(fc.tuple(names, fc.string())), async (body, query) => {
        const parsed = TriggerRequest.safeParse(body);
        if (parsed.success) await ends(create, { body: parsed.data });
        const asked = query.map(([, value], index): [string, string] => [
          ['rule', 'template', 'parameter'][index % 3] ?? '',
          value,
        ]);
        await ends(get, { query: new URLSearchParams(asked) });
      }),
    );
  });
});

describe('the other subresources', () => {
  const attempt = aRemediation({ status: { phase: 'Failed' } });

  it('inspections return objects and tables from the caches', async () => {
    const { context } = fixture({ remediations: [attempt] });
    const alert = await send(alertInspect(context).get);
    expect(alertInspect(context).get?.table?.(alert.object).rows).toEqual([
      ['monitoring/disk', 'Chosen', 0, 'monitoring/cordon', expect.any(String)],
    ]);
    expect(alert.object).toMatchObject({
      freshness: { source: 'Cache', lastHeard: { aegisalerts: '2026-01-02T12:00:00Z' } },
    });
    const remediation = await send(remediationInspect(context).get, { name: attempt.metadata.name });
    expect(remediationInspect(context).get?.table?.(remediation.object).rows[0]).toContain('Received');
  });

  it('an inspection withholds a template from a user who may only read the alert', async () => {
    const { context } = fixture({}, (question) => question.startsWith('get aegisalerts'));
    const { object } = await send(alertInspect(context).get);
    expect(object).toMatchObject({ preview: { ok: true, message: expect.stringContaining('cannot get') as unknown } });
    expect(object).not.toHaveProperty('preview.workflow');
  });

  it('render renders a template with parameters alone, or names missing variables', async () => {
    const { context } = fixture();
    const render = (body: object, name = 'cordon') => send(templateRender(context).create, { name, body });
    expect((await render({ parameters: { node: 'dev7' } })).object).toMatchObject({ ok: true, variables: ['node'] });
    expect((await render({})).object).toMatchObject({ ok: false, problems: [{ variable: 'node' }] });
    expect((await render({ alert: 'default-disk-0123456789' })).object).toMatchObject({ ok: true });
    expect(await refusalOf(render({ alert: 'x' }))).toMatchObject({ code: 422 });
    expect(await refusalOf(render({}, 'no-such'))).toMatchObject({ code: 404 });
    const { context: blind } = fixture({}, (question) => !question.startsWith('get aegisalerts'));
    const body = { alert: 'default-disk-0123456789' };
    expect(await refusalOf(send(templateRender(blind).create, { name: 'cordon', body }))).toMatchObject({ code: 403 });
  });

  it('subresources return 403 to a user who may not read the parent, also when it does not exist', async () => {
    const { context } = fixture({}, () => false);
    const all: Subresource[] = [
      alertInspect(context),
      remediationInspect(context),
      alertTrigger(context),
      templateRender(context),
    ];
    for (const { get, create } of all)
      expect(await refusalOf(send(get ?? create, { name: 'x' }))).toMatchObject({ code: 403 });
  });

  it('every field of a subresource has a description', () => {
    const { context } = fixture();
    const operations = [
      alertInspect(context),
      remediationInspect(context),
      alertTrigger(context),
      templateRender(context),
    ].flatMap(({ get, create }) => [get, create].filter((operation) => operation !== undefined));
    const schemas = operations.flatMap(({ request, response }) => [
      response,
      ...(request === undefined ? [] : [request]),
    ]);
    const undescribed = schemas.flatMap((schema) =>
      fieldsWithoutWords(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', cycles: 'throw' }) as Node, ''),
    );
    expect(undescribed).toEqual([]);
  });
});

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
}

function fieldsWithoutWords(node: Node, path: string): string[] {
  const fields = Object.entries(node.properties ?? {}).filter(([name]) => name !== 'metadata' || path !== '');
  return [
    ...fields.flatMap(([name, field]) => [
      ...(field.description === undefined ? [`${path}.${name}`] : []),
      ...fieldsWithoutWords(field, `${path}.${name}`),
    ]),
    ...(node.items === undefined ? [] : fieldsWithoutWords(node.items, `${path}[]`)),
  ];
}
