import { z } from 'zod';
import type { ApiResource, Operation } from '../../../apiserver/kubeapi/api.ts';
import { AegisRemediation } from '../../../crds/remediation.ts';

const aegis = { group: 'aegis.io', version: 'v1alpha1' };

const TriggerRequest = z.strictObject({
  rule: z.string().max(253).optional().describe('Rule to follow: `name` or `namespace/name`.'),
  parameters: z.record(z.string(), z.string()).optional().describe('Values for the variables of the template.'),
  reason: z.string().max(1024).describe('Why; it is kept.'),
  attempts: z.int32().min(1).max(10).default(1).describe('How often.'),
});

const TriggerPreview = z
  .object({
    gates: z
      .array(
        z.object({
          name: z.string().describe('Which gate.'),
          until: z.iso.datetime().nullable().describe('When it opens; null when nobody knows.'),
          limit: z.union([z.int(), z.string()]).describe('A number or a percentage.'),
        }),
      )
      .describe('What keeps it from running now.'),
  })
  .describe('What a trigger would do.');

const AlertInspection = z
  .object({
    apiVersion: z.literal('subresources.aegis.io/v1alpha1'),
    kind: z.literal('AlertInspection'),
    metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
    rules: z
      .array(z.object({ name: z.string(), matches: z.boolean() }))
      .describe('Every rule, and whether it matches.'),
  })
  .describe('Everything known of an alert.');

function operation(fields: Omit<Operation, 'handle'>): Operation {
  return { handle: () => Promise.reject(new Error('the sample handles no requests')), ...fields };
}

/** A table in which everything occurs that a table may hold; none of it is Aegis's real one. */
export const sample: readonly ApiResource[] = [
  {
    name: 'aegisalerts',
    singular: 'aegisalert',
    kind: 'AegisAlert',
    namespaced: true,
    subresources: [
      {
        name: 'inspect',
        kind: 'AlertInspection',
        get: operation({
          summary: 'Shows everything known of an alert.',
          response: AlertInspection,
          responseKind: 'AlertInspection',
          table: (object) => ({
            columns: [
              { name: 'Rule', type: 'string' },
              { name: 'Matches', type: 'string', priority: 1 },
            ],
            rows: (object as z.infer<typeof AlertInspection>).rules.map(({ name, matches }) => [name, String(matches)]),
          }),
        }),
      },
      {
        name: 'trigger',
        kind: 'TriggerPreview',
        get: operation({
          summary: 'Shows what a trigger would do.',
          response: TriggerPreview,
          responseKind: 'TriggerPreview',
          parameters: { rule: 'Rule to follow: `name` or `namespace/name`.' },
        }),
        create: operation({
          summary: 'Starts an attempt.',
          request: TriggerRequest,
          requestKind: 'TriggerRequest',
          response: AegisRemediation,
          responseKind: 'AegisRemediation',
          responseGroup: aegis,
        }),
      },
    ],
  },
  {
    name: 'aegisremediations',
    singular: 'aegisremediation',
    kind: 'AegisRemediation',
    namespaced: true,
    subresources: [
      {
        name: 'approve',
        kind: 'AegisRemediation',
        kindGroup: aegis,
        create: operation({
          summary: 'Agrees to an attempt.',
          request: z.strictObject({ manifestHash: z.string().max(71).describe('Hash of what is approved.') }),
          requestKind: 'ApproveRequest',
          response: AegisRemediation,
          responseKind: 'AegisRemediation',
          responseGroup: aegis,
        }),
      },
    ],
  },
  {
    name: 'nodes',
    singular: 'node',
    kind: 'Node',
    namespaced: false,
    subresources: [
      {
        name: 'check',
        kind: 'NodeCheck',
        create: operation({
          summary: 'Looks at a node.',
          response: z.object({ healthy: z.boolean().describe('Whether nothing was found.') }),
          responseKind: 'NodeCheck',
        }),
      },
    ],
  },
];
