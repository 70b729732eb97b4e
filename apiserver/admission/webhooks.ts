import type { WebhookRegistration } from '../../apiservice/registration/webhooks.ts';
import type { ResourceType } from '../../crds/object.ts';

/** How the webhook of a kind is registered; a status or a deletion is never asked about. */
export function webhookOf(type: ResourceType): WebhookRegistration {
  return {
    name: `${type.plural}.admission.${type.group}`,
    path: `/admission/${type.plural}`,
    resources: [type.plural],
    operations: ['CREATE', 'UPDATE'],
    matchConditions: [
      {
        name: 'spec-is-new',
        expression:
          'request.operation != "UPDATE" || !has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec',
      },
    ],
  };
}
