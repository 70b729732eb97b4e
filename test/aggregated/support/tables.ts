import { z } from 'zod';
import type { ApiResource, Call, Operation } from '../../../apiserver/kubeapi/api.ts';
import { groupVersion } from '../../../apiserver/kubeapi/gvk.ts';
import { objectNotFound } from '../../../apiserver/kubeapi/status.ts';

const EchoRequest = z.object({
  reason: z.string().max(100).optional(),
  count: z.int().min(0).optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  mode: z.enum(['fast', 'slow']).optional(),
});

/** Answers what it was called with. */
export function echo(calls: Call[], changes: Partial<Operation> = {}): Operation {
  return {
    summary: 'Answers what it was called with.',
    response: z.looseObject({}),
    responseKind: 'Echo',
    handle: (call) => {
      calls.push(call);
      const { user, namespace, name, body = null, dryRun, userAgent } = call;
      if (name === 'absent') {
        return Promise.reject(objectNotFound({ group: 'aegis.io', resource: 'aegisalerts', name }));
      }
      const object = { apiVersion: groupVersion, kind: 'Echo', user, namespace, name, body, dryRun, userAgent };
      return Promise.resolve({ code: body === null ? 200 : 201, object });
    },
    ...changes,
  };
}

/** Two small resources, one in namespaces and one not. */
export function echoTable(calls: Call[] = []): ApiResource[] {
  const get = echo(calls);
  const create = echo(calls, { request: EchoRequest, requestKind: 'EchoRequest' });
  const table: Operation['table'] = () => ({ columns: [{ name: 'Name', type: 'string' }], rows: [['x']] });
  const kind = 'Echo';
  return [
    {
      name: 'aegisalerts',
      singular: 'aegisalert',
      kind: 'AegisAlert',
      namespaced: true,
      subresources: [
        { name: 'inspect', kind, get: { ...get, table } },
        { name: 'trigger', kind, get, create },
        { name: 'resolve', kind, create: echo(calls) },
        { name: 'broken', kind, get: echo(calls, { handle: () => Promise.reject(new Error('secret inside')) }) },
        { name: 'stuck', kind, get: echo(calls, { handle: stuck }) },
        {
          name: 'warned',
          kind,
          get: echo(calls, {
            handle: () =>
              Promise.resolve({
                code: 200,
                object: { apiVersion: groupVersion, kind: 'Echo' },
                warnings: ['say "no"\r\nX-Evil: yes', 'späße'],
              }),
          }),
        },
      ],
    },
    {
      name: 'nodes',
      singular: 'node',
      kind: 'Node',
      namespaced: false,
      subresources: [{ name: 'diagnose', kind, get, create }],
    },
  ];
}

/** Ends only when its signal is aborted. */
function stuck({ signal }: Call): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
