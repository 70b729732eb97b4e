import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';

/** Access of a client without a certificate and a token to the running processes. */

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
    // An attacker does not verify the server.
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

describe('a client without a certificate', () => {
  it.each(['/', '/healthz', '/livez', '/readyz', '/metrics', own('x'), ...curious])(
    'a client without a certificate gets nothing from the aggregated API at %s',
    async (path) => {
      expect(await secureStatusOf(harness.extension!.api.port, path)).toBeUndefined();
    },
  );

  it.each(['/', '/metrics', own('x'), ...curious])(
    'a client without a certificate finds nothing on the other ports at %s',
    async (path) => {
      const [ingest] = harness.ingest;
      expect(await statusOf(`${ingest}${path}`)).toBe(404);
      expect(await secureStatusOf(harness.extension!.webhooks.port, path)).toBe(404);
      for (const probes of Object.values(harness.probes)) {
        if (path !== '/metrics') expect(await statusOf(`${probes}${path}`)).toBe(404);
      }
    },
  );
});

describe('the metrics of the running process', () => {
  it('metrics show request durations, the expiry of certificates and whether the API is registered', async () => {
    await harness.cluster.kubectl(['get', '--raw', '/apis/subresources.aegis.io/v1alpha1']);
    await expect(harness.cluster.kubectl(['get', '--raw', own('absent')])).rejects.toThrow('NotFound');
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

  it('metrics of kube-apiserver show whether it can reach the API', async () => {
    const text = await eventually('kube-apiserver to have looked', async () => {
      const metrics = await harness.cluster.kubectl(['get', '--raw', '/metrics']);
      return metrics.includes('aggregator_unavailable_apiservice{name="v1alpha1.subresources.aegis.io"}') && metrics;
    });
    expect(text).toContain('aggregator_unavailable_apiservice{name="v1alpha1.subresources.aegis.io"} 0\n');
  });
});

describe('a process that may not read the front-proxy configuration', () => {
  const binding = ['-n', 'kube-system', 'rolebinding', 'aegis-apiserver'];

  it('a process that may not read the front-proxy configuration is alive, not ready and authenticates no request until it may', async () => {
    const { cluster, probes } = harness;
    const probe = async (path: string) => fetch(`${probes['apiserver-0']}${path}`).catch(() => undefined);
    const manifest = await cluster.kubectl(['get', ...binding, '-o', 'yaml']);
    await cluster.kubectl(['delete', ...binding]);
    try {
      cluster.kill('apiserver-0', 'SIGKILL');
      await eventually(
        'it to say what is missing',
        async () => {
          const ready = await probe('/readyz');
          return ready?.status === 503 && (await ready.text()).includes('[-]front-proxy failed');
        },
        { withinMs: 60_000 },
      );
      expect((await probe('/livez'))?.status).toBe(200);
      await expect(cluster.kubectl(['get', '--raw', own('absent')])).rejects.toThrow(
        /ServiceUnavailable|unable|refused/,
      );
    } finally {
      await cluster.kubectl(['apply', '-f', '-'], manifest);
    }
    await eventually('it to be ready', async () => (await probe('/readyz'))?.status === 200, { withinMs: 90_000 });
    await eventually('the API to answer', async () => {
      const answer = await cluster.kubectl(['get', '--raw', own('absent')]).catch(String);
      return answer.includes('NotFound');
    });
  }, 240_000);
});

function own(name: string): string {
  return `/apis/subresources.aegis.io/v1alpha1/namespaces/monitoring/aegisalerts/${name}/inspect`;
}
