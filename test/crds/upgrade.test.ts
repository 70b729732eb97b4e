import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts } from '../../crds/alert.ts';
import { aegisClusterHealthChecks } from '../../crds/cluster-health-check.ts';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { pathOf, type Answer } from './api-client.ts';
import { startCrdCluster, type CrdCluster } from './cluster.ts';

/**
 * Objects that were stored under the original's CRDs, which judge nothing, must stay usable: readable, with a status
 * that can be written, and deletable.
 */

let cluster: CrdCluster;

const longName = `default-${'x'.repeat(60)}-9njt4`;

const storedAlert = {
  apiVersion: 'aegis.io/v1alpha1',
  kind: 'AegisAlert',
  metadata: { name: longName, namespace: 'default' },
  spec: { source: 'Nagios', status: 'Burning', detials: { node: 'dev1' }, involvedObject: { kind: 'Node' } },
  status: {
    count: 3,
    status: 'Burning',
    conditions: [
      { type: 'SucceededCreateWorkflow', status: 'True', lastProbeTime: null, lastTransitionTime: null },
      { type: 'SucceededCreateWorkflow', status: 'True', lastProbeTime: null },
    ],
    opsStatus: { triggerStatus: 'TooManyRuletFound', alertOpsStatus: '' },
  },
};

const storedCheck = {
  apiVersion: 'aegis.io/v1alpha1',
  kind: 'AegisClusterHealthCheck',
  metadata: { name: 'check', namespace: 'default' },
  spec: { schedule: 'whenever' },
  status: { active: 0, desired: null, failed: 0, succeeded: 0, checkResults: { checkType: 'Node', results: null } },
};

/** A CRD that takes everything; the originals of these two had no status subresource. */
function laxCrd({ plural, kind, group, version }: ResourceType): object {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

beforeAll(async () => {
  cluster = await startCrdCluster(async (kubectl) => {
    for (const type of [aegisAlerts, aegisClusterHealthChecks]) {
      await kubectl(['create', '--filename=-'], JSON.stringify(laxCrd(type)));
      await kubectl(['wait', '--for=condition=Established', `crd/${type.plural}.${type.group}`]);
    }
    for (const object of [storedAlert, storedCheck]) {
      await kubectl(['create', '--filename=-'], JSON.stringify(object));
    }
  });
}, 900_000);

afterAll(async () => {
  await cluster.stop();
}, 60_000);

const apply = 'application/apply-patch+yaml';

function applyStatus(path: string, { apiVersion, kind, metadata }: KubeObject, status: object): Promise<Answer> {
  const body = { apiVersion, kind, metadata, status };
  return cluster.client.send('PATCH', `${path}/status?fieldManager=worker&force=true`, body, apply);
}

describe('objects of the original', () => {
  it('an alert that the original stored can be read, updated, labelled and deleted', async () => {
    const path = pathOf(aegisAlerts, 'default', longName);
    const { body } = await cluster.client.send('GET', path);
    expect(body).toMatchObject({ spec: { source: 'Nagios', trust: 'Parsed' }, status: { count: 3 } });
    const condition = { type: 'Triggered', status: 'False', lastTransitionTime: '2026-01-02T12:00:00Z' };
    const applied = await applyStatus(path, storedAlert, {
      status: 'Firing',
      conditions: [{ ...condition, reason: 'RuleNotFound', message: 'none of 0 rules matches' }],
      opsStatus: { triggerStatus: 'RuleNotFound' },
    });
    expect([applied.status, applied.body.message]).toEqual([200, undefined]);
    expect(await cluster.kubectl(['label', 'aegisalert', longName, 'a=b'])).toContain('labeled');
    expect((await cluster.client.send('DELETE', path)).status).toBe(200);
  });

  it('a health check that the original stored can be read and updated', async () => {
    const path = pathOf(aegisClusterHealthChecks, 'default', 'check');
    const { body } = await cluster.client.send('GET', path);
    expect(body).toMatchObject({ spec: { schedule: 'whenever' }, status: { desired: 0 } });
    const applied = await applyStatus(path, storedCheck, { phase: 'Checking', desired: 3 });
    expect([applied.status, applied.body.message]).toEqual([200, undefined]);
  });
});
