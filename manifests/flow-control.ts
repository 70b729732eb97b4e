import { subresourceGroup } from '../crds/subresources/group.ts';
import { clusterWide, type Manifest } from './manifest.ts';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
const name = 'aegis-subresources';

/**
 * Lets kube-apiserver queue requests for the subresources apart from all others and fairly between users, so that a user
 * who floods them delays no other user.
 */
export const flowControl: readonly Manifest[] = [
  {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: clusterWide(name),
    spec: {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: 10,
        limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 4, queueLengthLimit: 50 } },
      },
    },
  },
  {
    apiVersion,
    kind: 'FlowSchema',
    metadata: clusterWide(name),
    spec: {
      // Before the catch-all schemas for users and service accounts (9000 and more).
      matchingPrecedence: 5000,
      priorityLevelConfiguration: { name },
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'Group', group: { name: 'system:authenticated' } }],
          resourceRules: [
            { apiGroups: [subresourceGroup], resources: ['*'], verbs: ['*'], namespaces: ['*'], clusterScope: true },
          ],
        },
      ],
    },
  },
];
