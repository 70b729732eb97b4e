import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';

/** What somebody sees of the running processes who has no certificate and no token. */

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ extension: true });
}, 300_000);

afterAll(() => harness.stop(), 60_000);

/** Where servers keep what only their developers should see. */
const curious = [
  ...['/debug', '/debug/pprof', '/debug/pprof/profile', '/debug/flags/v', '/debug/requests', '/debug/vars'],
  ...[
    '/start-profiler',
    '/stop-profiler',
    '/dump-profiler',
    '/heapdump',
    '/snapshot',
    '/configz',
    '/flagz',
    '/statusz',
  ],
  ...['/json', '/json/list', '/json/version', '/inspector', '/.env', '/.git/config', '/package.json', '/env', '/info'],
  ...['/version', '/api', '/api/v1/secrets', '/logs', '/swagger.json', '/openapi/v2', '/apis', '/graphql', '/admin'],
];

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { redirect: 'manual' });
  await response.arrayBuffer();
  return response.status;
}

/** Undefined when the connection is refused before there is an answer. */
function secureStatusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { 'X-Remote-User': 'root', 'X-Remote-Group': 'system:masters' };
    // Whoever attacks does not care who the server is.
    const options = { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false, agent: false };
    const outgoing = httpsRequest(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('error', () => {
      resolve(undefined);
    });
    outgoing.end();
  });
}

describe('who has no certificate', () => {
  const own = '/apis/subresources.aegis.io/v1alpha1/namespaces/monitoring/aegisalerts/x/inspect';

  it.each(['/', '/healthz', '/livez', '/readyz', '/metrics', own, ...curious])(
    'gets nothing from the aggregated API at %s',
    async (path) => {
      expect(await secureStatusOf(harness.extension!.api.port, path)).toBeUndefined();
    },
  );

  it.each(['/', '/metrics', own, ...curious])('finds nothing on the other ports at %s', async (path) => {
    const [ingest] = harness.ingest;
    expect(await statusOf(`${ingest}${path}`)).toBe(404);
    expect(await secureStatusOf(harness.extension!.webhooks.port, path)).toBe(404);
    for (const probes of Object.values(harness.probes)) {
      if (path !== '/metrics') expect(await statusOf(`${probes}${path}`)).toBe(404);
    }
  });
});

describe('the metrics of the running process', () => {
  it('say how long requests take, when certificates expire and whether the API is registered', async () => {
    await harness.cluster.kubectl(['get', '--raw', '/apis/subresources.aegis.io/v1alpha1']);
    const path = '/apis/subresources.aegis.io/v1alpha1/namespaces/monitoring/aegisalerts/absent/inspect';
    await expect(harness.cluster.kubectl(['get', '--raw', path])).rejects.toThrow('NotFound');
    // The process looks at its registration from time to time.
    const text = await eventually(
      'the registration to be seen',
      async () => {
        const metrics = await (await fetch(`${harness.probes['apiserver-0']}/metrics`)).text();
        return metrics.includes('aegis_apiservice_available 1') && metrics;
      },
      { withinMs: 120_000, everyMs: 1_000 },
    );
    const value = (line: string): number => {
      const found = text.split('\n').find((one) => one.startsWith(line));
      return found === undefined ? Number.NaN : Number(found.slice(found.lastIndexOf(' ') + 1));
    };
    expect(
      value(
        'aegis_api_request_duration_seconds_bucket{le="60",verb="get",resource="aegisalerts",subresource="inspect"}',
      ),
    ).toBeGreaterThan(0);
    expect(
      value('aegis_api_requests_total{verb="get",resource="aegisalerts",subresource="inspect",code="404"}'),
    ).toBeGreaterThan(0);
    const now = Date.now() / 1_000;
    for (const certificate of ['serving', 'ca']) {
      expect(value(`aegis_certificate_expiry_timestamp_seconds{certificate="${certificate}"}`)).toBeGreaterThan(now);
    }
    expect(value('aegis_registered')).toBe(1);
    expect(value('aegis_api_front_proxy_known')).toBe(1);
    expect(text).toContain('nodejs_eventloop_lag');
  }, 150_000);

  it('of kube-apiserver say whether it can reach the API', async () => {
    const text = await eventually('kube-apiserver to have looked', async () => {
      const metrics = await harness.cluster.kubectl(['get', '--raw', '/metrics']);
      return metrics.includes('aggregator_unavailable_apiservice{name="v1alpha1.subresources.aegis.io"}') && metrics;
    });
    expect(text).toContain('aggregator_unavailable_apiservice{name="v1alpha1.subresources.aegis.io"} 0\n');
  });
});
