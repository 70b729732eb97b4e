import { afterEach, describe, expect, it } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { createLogger } from './logger.ts';
import type { Check } from './checks.ts';
import { createProbeServer, type ProbeServer } from './probes.ts';

const good: Check = { name: 'good', check: () => undefined };
const warning: Check = { name: 'warning', check: () => 'could not look' };
const bad: Check = { name: 'bad', check: () => Promise.reject(new Error('no answer from redis://:pw@host')) };
const stuck: Check = { name: 'stuck', check: () => new Promise(() => undefined) };

let server: ProbeServer | undefined;

afterEach(async () => {
  await server?.stop();
});

async function ask(checks: { livez?: Check[]; readyz?: Check[] }, path: string, method = 'GET') {
  const registry = new Registry();
  new Counter({ name: 'aegis_test_total', help: 'test', registers: [registry] });
  const logger = createLogger('silent');
  server = createProbeServer({
    port: 0,
    host: '127.0.0.1',
    registry,
    logger,
    livez: [],
    readyz: [],
    checkTimeoutMs: 50,
    ...checks,
  });
  await server.start(() => undefined);
  const answer = await fetch(`http://127.0.0.1:${server.port()}${path}`, { method });
  return { status: answer.status, body: await answer.text(), allow: answer.headers.get('allow') };
}

describe('the probe port', () => {
  it('a probe answers ok when all checks succeed', async () => {
    expect(await ask({ readyz: [good, warning] }, '/readyz')).toMatchObject({ status: 200, body: 'ok' });
  });

  it('a verbose probe lists checks and warnings', async () => {
    const { body } = await ask({ readyz: [good, warning] }, '/readyz?verbose');
    expect(body).toBe('[+]good ok\n[+]warning ok: could not look\nreadyz check passed\n');
  });

  it('a failing probe lists its checks, without credentials', async () => {
    const { status, body } = await ask({ livez: [good, bad] }, '/livez');
    expect(status).toBe(503);
    expect(body).toBe('[+]good ok\n[-]bad failed: no answer from redis://***@host\nlivez check failed\n');
  });

  it('a check that does not answer in time fails the probe', async () => {
    expect((await ask({ livez: [stuck] }, '/livez')).body).toContain('[-]stuck failed: no answer within 50 ms');
  });

  it.each([
    ['/livez/good', 200],
    ['/livez/bad', 503],
    ['/livez/other', 404],
    ['/livez?exclude=bad', 200],
    ['/livez/good/more', 404],
    ['/', 404],
  ])('the probe port answers %s with %i', async (path, status) => {
    expect((await ask({ livez: [good, bad] }, path)).status).toBe(status);
  });

  it('the probe port serves metrics', async () => {
    expect((await ask({}, '/metrics')).body).toContain('aegis_test_total 0');
  });

  it('the probe port accepts HEAD, and no method that writes', async () => {
    expect(await ask({}, '/livez', 'HEAD')).toMatchObject({ status: 200, body: '' });
    await server?.stop();
    expect(await ask({}, '/livez', 'POST')).toMatchObject({ status: 405, allow: 'GET, HEAD' });
  });
});
