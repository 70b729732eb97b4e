import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { immutable, rule } from './rules.ts';
import { Conditions, setList, text, Time } from './schema.ts';

const SlackIdentity = z.object({
  teamID: z
    .string()
    .max(32)
    .regex(/^[TE][A-Z0-9]+$/)
    .describe('Id of the Slack workspace or organisation.'),
  userID: z
    .string()
    .max(32)
    .regex(/^[UW][A-Z0-9]+$/)
    .describe('Id of the Slack user.'),
});

const KubernetesIdentity = rule(
  rule(
    z.object({
      username: text(256).min(1).describe('Kubernetes user name.'),
      groups: setList(text(256).min(1), 256)
        .optional()
        .describe('Kubernetes groups at the time of linking; they are impersonated together with the user.'),
    }),
    {
      rule: "!self.username.startsWith('system:')",
      message: 'a chat user is a person: system: users cannot be linked',
      fieldPath: '.username',
    },
    ({ username }) => !username.startsWith('system:'),
  ),
  {
    rule: "!has(self.groups) || self.groups.all(g, !g.startsWith('system:') || g == 'system:authenticated')",
    message: 'groups of the system, other than system:authenticated, cannot be linked',
    fieldPath: '.groups',
  },
  ({ groups = [] }) => groups.every((group) => !group.startsWith('system:') || group === 'system:authenticated'),
);

export const ChatUserSpec = immutable(
  z.object({
    slack: SlackIdentity.describe('Who she is in Slack.'),
    kubernetes: KubernetesIdentity.describe('Who she is in Kubernetes.'),
    linkedAt: Time.describe('When the owner of both identities proved both.'),
    linkedBy: text(256).describe('How it was proved, or by whom.'),
  }),
  'a link is proved once: delete it and link again',
);
export type ChatUserSpec = z.infer<typeof ChatUserSpec>;

export const ChatUserStatus = z.object({
  lastUsedTime: Time.optional().describe('When she acted through Slack the last time.'),
  conditions: Conditions.optional().describe('Ready: whether the link may be used, with the reason when not.'),
});
export type ChatUserStatus = z.infer<typeof ChatUserStatus>;

/** The only name that the link of a Slack user can have, so that nobody is ever linked twice. */
export function chatUserName(slack: { teamID: string; userID: string }): string {
  return `slack-${slack.teamID}-${slack.userID}`.toLowerCase();
}

export const AegisChatUser = rule(
  objectSchema('AegisChatUser', {
    spec: ChatUserSpec.describe('The two identities; they never change.'),
    status: ChatUserStatus.optional().describe('Whether and when the link is used.'),
  }).describe('Who a Slack user is in Kubernetes. Written by the API server only, after its owner proved both.'),
  {
    rule: "self.metadata.name == 'slack-' + self.spec.slack.teamID.lowerAscii() + '-' + self.spec.slack.userID.lowerAscii()",
    message: 'metadata.name must be slack-<teamID>-<userID> in lower case, so that nobody is linked twice',
  },
  ({ metadata, spec }) => metadata.name === undefined || metadata.name === chatUserName(spec.slack),
);
/** Who a Slack user is in Kubernetes. */
export type AegisChatUser = CustomObject<'AegisChatUser', ChatUserSpec, ChatUserStatus>;

export const aegisChatUsers: ResourceType<AegisChatUser> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegischatusers',
  kind: 'AegisChatUser',
  namespaced: false,
};
