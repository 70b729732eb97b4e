import { aegisAlertOpsRules, type AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { resources } from '../../kube/client/resources.ts';
import { ladderOf } from '../../rules/escalation.ts';
import { isObserved, specChanged } from '../predicates.ts';
import type { Registration } from '../controller.ts';
import { ruleStatusWriter } from '../status-writers.ts';
import { itself, watch } from '../watch.ts';
import { ruleReconciler } from './reconcile.ts';

/** Says on each rule whether it can be used, and writes its counters. */
export const ruleRegistration: Registration = {
  name: 'rule',
  create: ({ rest, caches: { rules, templates }, shared: { ruleUsage }, clock }) => {
    const reconcile = ruleReconciler({
      rules,
      templates,
      writeStatus: ruleStatusWriter(resources(rest, aegisAlertOpsRules)),
      now: () => clock.now(),
    });
    const using = ({ metadata: { namespace, name } }: AegisOpsTemplate): AegisAlertOpsRule[] =>
      rules.list().filter((rule) => ladderOf(rule).some((used) => used.namespace === namespace && used.name === name));
    return {
      watches: [
        watch(rules, {
          kind: 'AegisAlertOpsRule',
          when: specChanged,
          map: itself,
          resync: { map: itself, settled: isObserved },
        }),
        watch(templates, {
          kind: 'AegisOpsTemplate',
          when: specChanged,
          map: (template) => using(template).map(({ metadata }) => metadata),
        }),
      ],
      reconcile: async (key) => {
        await reconcile(key);
        return undefined;
      },
      flushes: [{ name: 'rule-usage', periodMs: 15_000, work: () => ruleUsage.flush() }],
    };
  },
};
