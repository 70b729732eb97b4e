import type { WebhookRegistration } from '../../apiservice/registration/webhooks.ts';
import type { ResourceType } from '../../crds/object.ts';

/** Returns the registration of the webhook of a kind; it is not called for a status or a deletion. */
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
