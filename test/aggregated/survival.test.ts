import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openPki } from '../../devcluster/pki.ts';
import { distinct, nameOf, send } from '../bench/alerts.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { watchAvailability } from '../harness/extension.ts';
import { startApiTraffic, type Failure, type Traffic } from '../harness/traffic.ts';

let harness: Harness;
let traffic: Traffic;
let unavailable: string[] = [];
const watching = new AbortController();

const [alert] = distinct('survival', 1);

beforeAll(async () => {
  harness = await startHarness({
    apiservers: 2,
    extension: true,
    // Short lives, so that a certificate and its authority are replaced several times while the tests run.
    apiserverArgs: ['--cert-lifetime=30s', '--ca-lifetime=90s', '--ca-overlap=6s', '--cert-check-interval=1s'],
  });
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
  await send(harness, alert!);
  await watchAvailability(harness.rest, watching.signal, (conditions) => unavailable.push(conditions));
}, 240_000);

afterAll(async () => {
  watching.abort();
  await harness.stop();
});

beforeEach(() => {
  unavailable = [];
  traffic = startApiTraffic(harness.rest, nameOf(alert!));
});

afterEach(async () => {
  await traffic.stop();
});

/** The value of a counter of the apiserver role with these labels, over both replicas. */
async function counted(metric: string): Promise<number> {
  const texts = await Promise.all(
    ['apiserver-0', 'apiserver-1'].map(async (name) => (await fetch(`${harness.probes[name]}/metrics`)).text()),
  );
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(metric))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** When the certificate expires that kube-apiserver has shown each replica, in seconds. */
async function expiries(): Promise<number[]> {
  const name = 'aegis_api_front_proxy_certificate_expiry_timestamp_seconds ';
  const texts = await Promise.all(
    ['apiserver-0', 'apiserver-1'].map(async (replica) => (await fetch(`${harness.probes[replica]}/metrics`)).text()),
  );
  return texts.map((text) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.slice(name.length),
    ),
  );
}

async function answersMore(count: number): Promise<void> {
  const before = traffic.answered();
  await eventually('more answers', () => traffic.answered() >= before + count, { withinMs: 60_000 });
}

describe('the aggregated API with two replicas', () => {
  it('the aggregated API fails no request while its replicas are replaced one after the other', async () => {
    await answersMore(40);
    for (const name of ['apiserver-0', 'apiserver-1']) {
      await harness.cluster.restart(name);
      await eventually('both replicas to be endpoints', () => harness.extension?.api.endpoints().length === 2);
      await answersMore(40);
    }
    expect(await traffic.stop()).toEqual([]);
    expect(unavailable).toEqual([]);
  }, 240_000);

  it('the aggregated API fails no request while its certificates and their authority are replaced', async () => {
    const rotations = await counted('aegis_certificate_rotations_total{step="promote"');
    const leaves = await counted('aegis_certificate_rotations_total{step="issue"');
    await eventually(
      'a new authority to be in use, and certificates of it',
      async () =>
        (await counted('aegis_certificate_rotations_total{step="promote"')) > rotations &&
        (await counted('aegis_certificate_rotations_total{step="issue"')) >= leaves + 4,
      { withinMs: 180_000, everyMs: 1_000 },
    );
    await answersMore(40);
    expect(await traffic.stop()).toEqual([]);
    expect(unavailable).toEqual([]);
  }, 240_000);

  it('the aggregated API fails no request while the authority of the front proxy is replaced', async () => {
    const { pki, dataDir } = harness.cluster;
    const { certFile } = pki.frontProxy;
    const before = readFileSync(certFile, 'utf8');
    const next = await openPki(join(dataDir, 'next-pki'));
    const both = before + readFileSync(next.frontProxy.certFile, 'utf8');
    writeFileSync(certFile, both);
    await eventually('both authorities to be published', async () => (await publishedAuthority()) === both, {
      withinMs: 120_000,
    });
    await answersMore(20);
    const known = Math.max(...(await expiries()));
    const client = await next.frontProxy.issue('front-proxy-client', { commonName: 'front-proxy-client' });
    // kube-apiserver reads both files when one of them changes, and keeps what it has while they do not fit.
    copyFileSync(client.keyFile, join(dirname(certFile), 'front-proxy-client.key'));
    copyFileSync(client.certFile, join(dirname(certFile), 'front-proxy-client.crt'));
    await eventually(
      'both replicas to see the new certificate of kube-apiserver',
      async () => (await expiries()).every((expiry) => expiry > known),
      { withinMs: 120_000 },
    );
    await answersMore(40);
    const after = readFileSync(next.frontProxy.certFile, 'utf8');
    writeFileSync(certFile, after);
    // kube-apiserver only adds to what is published: the old one must be removed by hand.
    await eventually(
      'the old authority to be gone',
      async () => {
        await publish(after);
        return (await publishedAuthority()) === after;
      },
      { withinMs: 120_000, everyMs: 2_000 },
    );
    await answersMore(40);
    expect(await traffic.stop()).toEqual([]);
    expect(unavailable).toEqual([]);
  }, 400_000);

  it('after a restart of kube-apiserver, which alone refuses requests meanwhile, the aggregated API is served as before', async () => {
    await answersMore(20);
    await harness.cluster.restart('kube-apiserver');
    await answersMore(40);
    const failures = await traffic.stop();
    expect(failures.filter((failure) => !isOfRestart(failure))).toEqual([]);
    expect(unavailable).toEqual([]);
  }, 240_000);
});

/** Without an answer, or refused by a kube-apiserver that is about to end or has only just begun; ours was not asked. */
function isOfRestart({ status, message }: Failure): boolean {
  const words = ['apiserver is shutting down', 'before all known HTTP paths have been installed'];
  return [0, 401, 403, 429].includes(status) || words.some((text) => message.includes(text));
}

async function publishedAuthority(): Promise<string> {
  return harness.cluster.kubectl([
    '-n',
    'kube-system',
    'get',
    'configmap',
    'extension-apiserver-authentication',
    '-o',
    'jsonpath={.data.requestheader-client-ca-file}',
  ]);
}

async function publish(authorities: string): Promise<void> {
  const patch = JSON.stringify({ data: { 'requestheader-client-ca-file': authorities } });
  const configMap = ['-n', 'kube-system', 'patch', 'configmap', 'extension-apiserver-authentication'];
  await harness.cluster.kubectl([...configMap, '--type=merge', '-p', patch]);
}
