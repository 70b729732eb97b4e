import { chooseRule, judgeRules } from '../../../rules/match.ts';
import { templateKey } from '../../../rules/escalation.ts';
import { aegisAlerts } from '../../../crds/alert.ts';
import type { AegisAlertOpsRule } from '../../../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../../../crds/ops-template.ts';
import { aegisRemediations } from '../../../crds/remediation.ts';
import { AegisAlertInspection } from '../../../crds/subresources/alert-inspection.ts';
import { inspectAlert, openAttempt } from '../../../remediation/views/alert.ts';
import { templateOfNext } from '../../../remediation/views/next.ts';
import { triedRules } from '../../../remediation/views/rules.ts';
import { requesterOf } from '../../../remediation/planning/request.ts';
import type { Call, Subresource, Table } from '../../kubeapi/api.ts';
import { requireAccess, whyNot } from '../authz/authorize.ts';
import { findObject } from '../objects/find.ts';
import type { ReadContext } from './read-context.ts';

/** `aegisalerts/{name}/inspect`: why an alert did or did not lead to action. */
export function alertInspect(context: ReadContext): Subresource {
  const { authorizer, caches, now, alerts, planner, rulesFor, attemptsOf, workflowOf, freshness, cluster } = context;

  async function inspect(call: Call): Promise<AegisAlertInspection> {
    await requireAccess(authorizer, call, {
      verb: 'get',
      type: aegisAlerts,
      namespace: call.namespace,
      name: call.name,
    });
    const { object: alert, source } = await findObject(alerts, call, call.signal);
    const judged = judgeRules(alert, rulesFor(alert));
    const matching = chooseRule(judged);
    const attempts = attemptsOf(alert.metadata.uid ?? '');
    const open = openAttempt(attempts);
    const template = templateOfNext({ alert, attempts, matching, cluster, now: now() });
    // The right to read an alert does not include the right to read every template.
    const withheldTemplate = await withheldFrom(call, triedRules(judged));
    const withheld =
      open !== undefined
        ? await whyNot(authorizer, call, {
            verb: 'get',
            type: aegisRemediations,
            namespace: call.namespace,
            name: open.metadata.name,
          })
        : template && withheldTemplate(template);
    return inspectAlert({
      alert,
      attempts,
      judged,
      matching,
      planner,
      workflowOf,
      withheld,
      withheldTemplate,
      cluster,
      template: ({ namespace, name }) => caches.templates.get(namespace, name),
      requester: requesterOf({ ...call.user, userAgent: call.userAgent }) ?? { username: '', via: 'api' },
      freshness: freshness(source),
      now: now(),
    });
  }

  /** Reviews which templates of these rules the caller may not read, and why not. */
  async function withheldFrom(call: Call, rules: readonly AegisAlertOpsRule[]) {
    const answers = new Map<string, string | undefined>();
    for (const key of rules.map(templateKey)) {
      if (key === undefined || answers.has(`${key.namespace}/${key.name}`)) continue;
      const why = await whyNot(authorizer, call, { verb: 'get', type: aegisOpsTemplates, ...key });
      answers.set(`${key.namespace}/${key.name}`, why);
    }
    return ({ namespace, name }: { namespace: string; name: string }) => {
      const key = `${namespace}/${name}`;
      return answers.has(key) ? answers.get(key) : 'it was not asked whether you may see it';
    };
  }

  return {
    name: 'inspect',
    kind: 'AegisAlertInspection',
    get: {
      summary: 'Why the alert did or did not lead to action.',
      response: AegisAlertInspection,
      responseKind: 'AegisAlertInspection',
      table,
      handle: async (call) => ({ code: 200, object: await inspect(call) }),
    },
  };
}

function table(object: object): Table {
  const { rules } = object as AegisAlertInspection;
  return {
    columns: [
      { name: 'Rule', type: 'string' },
      { name: 'Verdict', type: 'string' },
      { name: 'Priority', type: 'integer' },
      { name: 'Template', type: 'string' },
      { name: 'Reason', type: 'string' },
    ],
    rows: rules.map(({ namespace, name, verdict, priority, template, reason }) => [
      ...[`${namespace}/${name}`, verdict, priority],
      ...[template === undefined ? '' : `${template.namespace}/${template.name}`, reason],
    ]),
  };
}
