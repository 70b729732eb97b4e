/** Labels that Aegis writes; users and tools select by them. */
export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  source: 'aegis.io/source',
  /** Hex digest that all episodes of one fingerprint share; see `dedupKey`. */
  dedupKey: 'aegis.io/dedup-key',
  episode: 'aegis.io/episode',
  /** On remediations and Workflows: the alert's name. */
  alert: 'aegis.io/alert',
  /** On Workflows: the remediation's name (and namespace, since Workflows may run elsewhere). */
  remediation: 'aegis.io/remediation',
  remediationNamespace: 'aegis.io/remediation-namespace',
  rule: 'aegis.io/rule',
  attempt: 'aegis.io/attempt',
  /** On Leases: the type of lock. */
  lock: 'aegis.io/lock',
  /** The namespace that a sender requested and that does not exist. */
  requestedNamespace: 'aegis.io/requested-namespace',
} as const;

export const annotations = {
  manifestHash: 'aegis.io/manifest-hash',
  /** On Leases: the locked target, and the template that acts on it. */
  target: 'aegis.io/target',
  template: 'aegis.io/template',
  /** On remediations that a user requested: the reason that the user gave. */
  reason: 'aegis.io/reason',
  /** On remediations that a user requested with a request ID: that ID, and the digest of the request. */
  requestId: 'aegis.io/request-id',
  requestDigest: 'aegis.io/request-digest',
} as const;

/** Keeps a Workflow until its outcome has been recorded, so that none can disappear and run a second time. */
export const workflowFinalizer = 'aegis.io/outcome-recorded';
