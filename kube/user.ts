/** A user as kube-apiserver identified it. */
export interface User {
  readonly name: string;
  /** Empty unless the cluster passes it on. */
  readonly uid: string;
  /** In the order of kube-apiserver, `system:authenticated` included. */
  readonly groups: readonly string[];
  /** Keys in lower case; each with all its values. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}
