import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asUser } from '../../../test/aggregated/support/client.ts';
import { openApi, type Api } from '../../../test/aggregated/support/in-process.ts';
import { sendRaw } from '../../../test/aggregated/support/raw.ts';

const base = '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts';
const alice = asUser('alice', 'ops');

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

describe('the log', () => {
  it('the access log has one line for each request, without headers, bodies or values of the query', async () => {
    api.lines.length = 0;
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = [
      ...asUser('frank', 'hidden-group'),
      'Authorization',
      'Bearer hidden-token',
      'traceparent',
      traceparent,
    ];
    const sent = {
      method: 'POST',
      path: `${base}/x/trigger?dryRun=All&note=hidden-query`,
      headers,
      body: '{"reason":"hidden-body"}',
    };
    await api.send({ ...sent, headers: [...headers, 'Audit-ID', 'audit-7', 'X-Remote-Extra-k', 'hidden-extra'] });
    const lines = api.lines.filter(({ msg }) => msg === 'Request');
    expect(lines).toMatchObject([
      {
        level: 30,
        user: 'frank',
        groups: 2,
        verb: 'create',
        resource: 'aegisalerts',
        subresource: 'trigger',
        namespace: 'ns',
        name: 'x',
        dryRun: true,
        code: 201,
        decision: 'allow',
        auditID: 'audit-7',
        traceID: '0af7651916cd43dd8448eb211c80319c',
      },
    ]);
    expect(JSON.stringify(api.lines)).not.toContain('hidden');
  });

  it('the access log escapes control characters in names', async () => {
    api.lines.length = 0;
    const evil = 'a\u009b31m\u202egnp\u2028{"level":30}';
    const headers = ['X-Remote-User', Buffer.from(evil, 'utf8').toString('latin1')];
    const name = encodeURIComponent(`x\n\u001b[2J`);
    await api.send({ path: `${base}/${name}/inspect`, headers: [...headers, 'User-Agent', 'agent\u009b31m'] });
    const [line] = api.lines.filter(({ msg }) => msg === 'Request');
    expect(line).toMatchObject({
      user: 'a\\u{9b}31m\\u{202e}gnp\\u{2028}{"level":30}',
      name: 'x\\u{a}\\u{1b}[2J',
      code: 200,
    });
    expect(JSON.stringify(api.lines)).not.toContain('agent');
    // The handler sees what was sent: only the log is for eyes.
    expect(api.calls.at(-1)).toMatchObject({ user: { name: evil } });
  });

  it.each(['a\rb', 'a\nb', 'a\u001b[31mb', 'a\u0000b'])(
    'the access log does not contain a header such as %j',
    async (value) => {
      const answer = await sendRaw(api, `GET ${base}/x/inspect HTTP/1.1`, ['X-Remote-User', value], '');
      expect(answer).toMatchObject({ status: 400, json: { kind: 'Status' } });
    },
  );

  it('the access log has discovery at debug level, and refusals at info level', async () => {
    api.lines.length = 0;
    await api.send({ path: '/apis', headers: alice });
    await api.send({ path: `${base}/x/inspect`, headers: asUser('nobody') });
    await api.send({ path: `${base}/x/inspect` });
    expect(api.lines.filter(({ msg }) => msg === 'Request')).toMatchObject([
      { level: 20, path: '/apis', code: 200 },
      { level: 30, decision: 'forbid', code: 403 },
      { level: 30, code: 401 },
    ]);
  });
});

describe('the metrics', () => {
  it('request metrics are labelled with names of the table only', async () => {
    await api.send({ path: `${base}/x/inspect`, headers: alice });
    await api.send({ path: `${base}/x/inspect-secret`, headers: alice });
    const text = await api.registry.metrics();
    expect(text).toMatch(
      /aegis_api_requests_total\{verb="get",resource="aegisalerts",subresource="inspect",code="200"\} \d+/,
    );
    expect(text).toMatch(/aegis_api_access_reviews_total\{result="allowed",cached="false"\}/);
    expect(text).toMatch(/aegis_api_authentication_failures_total\{reason="no_user"\}/);
    expect(text).not.toContain('secret');
  });
});
