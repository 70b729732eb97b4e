import type { z } from 'zod';
import type { User } from '../../kube/user.ts';

/**
 * One resource of the group. Nothing is stored here: a resource is the parent of its subresources and has no verbs of
 * its own. Router, authorisation, discovery and OpenAPI all read this table.
 */
export interface ApiResource {
  /** Plural: `aegisalerts`. */
  readonly name: string;
  readonly singular: string;
  /** Kind of the parent: `AegisAlert`. */
  readonly kind: string;
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
}

/** One path below an object; one segment, because authorisation sees no more. */
export interface Subresource {
  readonly name: string;
  /** Kind of what GET, else POST, answers; discovery names it. */
  readonly kind: string;
  /** Group and version of that kind, where it is not this group's. */
  readonly kindGroup?: { readonly group: string; readonly version: string };
  readonly get?: Operation;
  readonly create?: Operation;
}

/** What a verb does. */
export interface Operation {
  /** One sentence, for OpenAPI. */
  readonly summary: string;
  /** Schema of the body; an empty body is read as `{}`. Absent where a body is refused. */
  readonly request?: z.ZodType;
  /** Kind of `request` in OpenAPI: `TriggerRequest`. */
  readonly requestKind?: string;
  /** Schema and kind of the answer. */
  readonly response: z.ZodType;
  readonly responseKind: string;
  /** Group and version of `responseKind`, where it is not this group's. */
  readonly responseGroup?: { readonly group: string; readonly version: string };
  /** Query parameters beside `dryRun` (which every `create` takes), for OpenAPI: name to description. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The rows of a `meta.k8s.io/v1` Table, for a client that asks for one. */
  readonly table?: (object: object) => Table;
  /** @throws StatusError for everything that the caller can mend; any other error is a 500 that says nothing */
  handle(call: Call): Promise<Answer>;
}

/** A request that is authenticated, authorised, routed and read. */
export interface Call {
  readonly user: User;
  /** Empty for a cluster-scoped resource. */
  readonly namespace: string;
  /** Of the parent object. */
  readonly name: string;
  /** Output of the operation's `request` schema; undefined where there is none. */
  readonly body: unknown;
  readonly query: URLSearchParams;
  /** `?dryRun=All`: everything but the write. */
  readonly dryRun: boolean;
  /** The `User-Agent`, for telling kubectl from programs; untrusted, at most 256 characters. */
  readonly userAgent: string;
  /** Joins this request with kube-apiserver's audit log. */
  readonly auditId: string;
  /** Aborted when the caller is gone or the time is over. */
  readonly signal: AbortSignal;
}

export interface Answer {
  /** 200 when nothing was created. */
  readonly code: 200 | 201;
  /** With apiVersion and kind. */
  readonly object: object;
  /** Sent as `Warning` headers, which kubectl prints. */
  readonly warnings?: readonly string[];
}

/** The part of `meta.k8s.io/v1` Table that a handler gives; cells in the order of the columns. */
export interface Table {
  readonly columns: readonly {
    readonly name: string;
    readonly type: 'string' | 'integer' | 'date';
    readonly priority?: number;
  }[];
  readonly rows: readonly (readonly (string | number)[])[];
}
