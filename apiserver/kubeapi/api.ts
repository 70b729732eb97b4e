import type { z } from 'zod';
import type { User } from '../../kube/user.ts';

/**
 * One resource of the group. It stores nothing: a resource is the parent of its subresources and has no verbs of its own.
 * Router, authorization, discovery and OpenAPI all use this table.
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

/** One path below an object; one segment, because authorization considers no more. */
export interface Subresource {
  readonly name: string;
  /** Kind of the answer to GET, else to POST; shown in discovery. */
  readonly kind: string;
  /** Group and version of that kind where it belongs to another group. */
  readonly kindGroup?: { readonly group: string; readonly version: string };
  readonly get?: Operation;
  readonly create?: Operation;
}

/** The implementation of a verb. */
export interface Operation {
  /** One sentence, for OpenAPI. */
  readonly summary: string;
  /** Schema of the body; an empty body is read as `{}`. Absent where a body is not allowed. */
  readonly request?: z.ZodType;
  /** Kind of `request` in OpenAPI: `TriggerRequest`. */
  readonly requestKind?: string;
  /** Schema and kind of the answer. */
  readonly response: z.ZodType;
  readonly responseKind: string;
  /** Group and version of `responseKind` where it belongs to another group. */
  readonly responseGroup?: { readonly group: string; readonly version: string };
  /** Query parameters beside `dryRun` (which every `create` takes), for OpenAPI: name to description. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The rows of a `meta.k8s.io/v1` Table, for a client that asks for one. */
  readonly table?: (object: object) => Table;
  /** @throws StatusError for every failure that the caller can act on; any other error is a 500 without details */
  handle(call: Call): Promise<Answer>;
}

/** A request that is authenticated, authorized, routed and parsed. */
export interface Call {
  readonly user: User;
  /** Empty for a cluster-scoped resource. */
  readonly namespace: string;
  /** Of the parent object. */
  readonly name: string;
  /** Output of the operation's `request` schema; undefined where there is none. */
  readonly body: unknown;
  readonly query: URLSearchParams;
  /** `?dryRun=All`: everything is done but the write. */
  readonly dryRun: boolean;
  /** The `User-Agent`, which distinguishes kubectl from other programs; untrusted, at most 256 characters. */
  readonly userAgent: string;
  /** Correlates this request with the audit log of kube-apiserver. */
  readonly auditId: string;
  /** Aborted when the caller disconnects or the time is up. */
  readonly signal: AbortSignal;
}

export interface Answer {
  /** 201 when an object was created. */
  readonly code: 200 | 201;
  /** With apiVersion and kind. */
  readonly object: object;
  /** Sent as `Warning` headers, which kubectl prints. */
  readonly warnings?: readonly string[];
}

/** The part of a `meta.k8s.io/v1` Table that a handler returns; cells in the order of the columns. */
export interface Table {
  readonly columns: readonly {
    readonly name: string;
    readonly type: 'string' | 'integer' | 'date';
    readonly priority?: number;
  }[];
  readonly rows: readonly (readonly (string | number)[])[];
}
