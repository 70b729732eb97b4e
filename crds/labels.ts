/** Labels and annotations that Aegis writes; one place, because users and tools select by them. */
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
  /** On Leases: what kind of lock it is. */
  lock: 'aegis.io/lock',
  /** The namespace that a sender asked for and that does not exist. */
  requestedNamespace: 'aegis.io/requested-namespace',
} as const;

export const annotations = {
  manifestHash: 'aegis.io/manifest-hash',
  /** On Leases: what is locked, and what for. */
  target: 'aegis.io/target',
  template: 'aegis.io/template',
  /** On remediations that a person asked for: why, in her own words. */
  reason: 'aegis.io/reason',
  /** On remediations that a person asked for with a request id: that id, and the digest of all that she asked for. */
  requestId: 'aegis.io/request-id',
  requestDigest: 'aegis.io/request-digest',
} as const;

/** Keeps a Workflow until its outcome has been recorded, so that none can vanish unseen and be run a second time. */
export const workflowFinalizer = 'aegis.io/outcome-recorded';
