import { z } from 'zod';
import type { User } from '../../kube/user.ts';

/** Values of `extra`; no cluster sends more. */
const Extra = z.record(z.string().max(512), z.array(z.string()).max(256));

const UserInfo = z.object({
  username: z.string().default(''),
  uid: z.string().default(''),
  groups: z.array(z.string()).nullish(),
  extra: Extra.nullish(),
});

/** The part of an AdmissionReview of `admission.k8s.io/v1` that Aegis reads. */
const Review = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1).max(256),
    resource: z.object({ group: z.string(), version: z.string(), resource: z.string() }),
    subResource: z.string().default(''),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    namespace: z.string().default(''),
    name: z.string().default(''),
    userInfo: UserInfo,
    object: z.unknown(),
    oldObject: z.unknown(),
    dryRun: z.boolean().nullish(),
  }),
});

/** The request of a review. `object` and `oldObject` are unvalidated. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Empty for a cluster-scoped resource. */
  readonly namespace: string;
  /** Empty when the API server has not generated one yet. */
  readonly name: string;
  /** The user who sent the object. */
  readonly user: User;
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly dryRun: boolean;
}

/** Parses a JSON value; returns undefined unless it is an AdmissionReview of v1 with a request. */
export function readReview(body: unknown): AdmissionRequest | undefined {
  const review = Review.safeParse(body);
  if (!review.success) return undefined;
  const { userInfo, subResource, dryRun, ...request } = review.data.request;
  return {
    ...request,
    subresource: subResource,
    dryRun: dryRun ?? false,
    user: {
      name: userInfo.username,
      uid: userInfo.uid,
      groups: userInfo.groups ?? [],
      extra: Object.fromEntries(Object.entries(userInfo.extra ?? {}).map(([key, value]) => [key.toLowerCase(), value])),
    },
  };
}
