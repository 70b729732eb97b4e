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
    .describe('ID of the Slack workspace or organization.'),
  userID: z
    .string()
    .max(32)
    .regex(/^[UW][A-Z0-9]+$/)
    .describe('ID of the Slack user.'),
});

const KubernetesIdentity = rule(
  rule(
    z.object({
      username: text(256).min(1).describe('Kubernetes user name.'),
      groups: setList(text(256).min(1), 256)
        .optional()
        .describe('Kubernetes groups at the time of linking; impersonated together with the user.'),
    }),
    {
      rule: "!self.username.startsWith('system:')",
      message: 'system: users cannot be linked to a chat user',
      fieldPath: '.username',
    },
    ({ username }) => !username.startsWith('system:'),
  ),
  {
    rule: "!has(self.groups) || self.groups.all(g, !g.startsWith('system:') || g == 'system:authenticated')",
    message: 'system: groups other than system:authenticated cannot be linked to a chat user',
    fieldPath: '.groups',
  },
  ({ groups = [] }) => groups.every((group) => !group.startsWith('system:') || group === 'system:authenticated'),
);

export const ChatUserSpec = immutable(
  z.object({
    slack: SlackIdentity.describe('Identity in Slack.'),
    kubernetes: KubernetesIdentity.describe('Identity in Kubernetes.'),
    linkedAt: Time.describe('Time at which the user proved both identities.'),
    linkedBy: text(256).describe('How the identities were proved, or by which user.'),
  }),
  'spec is immutable: delete the AegisChatUser and link again',
);
export type ChatUserSpec = z.infer<typeof ChatUserSpec>;

export const ChatUserStatus = z.object({
  lastUsedTime: Time.optional().describe('Time at which the user last acted through Slack.'),
  conditions: Conditions.optional().describe('Condition Ready: whether the link can be used.'),
});
export type ChatUserStatus = z.infer<typeof ChatUserStatus>;

/** Returns the only name that the link of a Slack user can have, so that no user is linked twice. */
export function chatUserName(slack: { teamID: string; userID: string }): string {
  return `slack-${slack.teamID}-${slack.userID}`.toLowerCase();
}

export const AegisChatUser = rule(
  objectSchema('AegisChatUser', {
    spec: ChatUserSpec.describe('Identities of the user; immutable.'),
    status: ChatUserStatus.optional().describe('State of the link.'),
  }).describe(
    'AegisChatUser links a Slack user to a Kubernetes user. Written by Aegis only, after the user proved both identities.',
  ),
  {
    rule: "self.metadata.name == 'slack-' + self.spec.slack.teamID.lowerAscii() + '-' + self.spec.slack.userID.lowerAscii()",
    message: 'metadata.name must be slack-<teamID>-<userID> in lower case',
  },
  ({ metadata, spec }) => metadata.name === undefined || metadata.name === chatUserName(spec.slack),
);
/** Links a Slack user to a Kubernetes user. */
export type AegisChatUser = CustomObject<'AegisChatUser', ChatUserSpec, ChatUserStatus>;

export const aegisChatUsers: ResourceType<AegisChatUser> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegischatusers',
  kind: 'AegisChatUser',
  namespaced: false,
};
