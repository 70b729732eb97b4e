import { describe, expect, it } from '@jest/globals';

import { includes } from './desired.ts';
import { validatingWebhook, type WebhookRegistration } from './webhooks.ts';

const registration: WebhookRegistration = {
  name: 'rules.webhook.aegis.io',
  path: '/webhooks/rules',
  resources: ['aegisalertopsrules'],
  operations: ['CREATE', 'UPDATE'],
};
const settings = {
  service: { namespace: 'monitoring', name: 'aegis-apiserver', port: 443 },
  caBundle: 'PEM',
  ownUsers: ['system:serviceaccount:monitoring:aegis'],
};

describe('a webhook', () => {
  it('a webhook matches custom resources of Aegis only, fails closed, and has a short timeout', () => {
    expect(validatingWebhook(registration, settings)).toMatchObject({
      clientConfig: { service: { ...settings.service, path: '/webhooks/rules' }, caBundle: 'UEVN' },
      rules: [{ apiGroups: ['aegis.io'], resources: ['aegisalertopsrules'], operations: ['CREATE', 'UPDATE'] }],
      matchPolicy: 'Equivalent',
      failurePolicy: 'Fail',
      sideEffects: 'None',
      timeoutSeconds: 5,
      namespaceSelector: { matchExpressions: [{ operator: 'NotIn', values: ['kube-system'] }] },
    });
  });

  it('a webhook is not called for writes of Aegis itself', () => {
    const [condition] = validatingWebhook(registration, settings)['matchConditions'] as { expression: string }[];
    expect(condition?.expression).toBe('!(request.userInfo.username in ["system:serviceaccount:monitoring:aegis"])');
  });

  it.each([['*'], ['pods'], ['aegisalerts/status'], ['*/*']])('a webhook cannot be registered for %s', (resource) => {
    expect(() => validatingWebhook({ ...registration, resources: [resource] }, settings)).toThrow(
      'must name resources of aegis.io',
    );
  });
});

describe('the comparison with the registered object', () => {
  it.each([
    [{ a: 1, added: 2 }, { a: 1 }, true],
    [{ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, true],
    [{}, { skip: false }, true],
    [{ skip: true }, { skip: false }, false],
    [{ a: [] }, { a: [1] }, false],
    [undefined, { a: 1 }, false],
  ])('the comparison of %j with the desired %j returns %s', (actual, wanted, expected) => {
    expect(includes(actual, wanted)).toBe(expected);
  });
});
