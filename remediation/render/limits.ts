import { maxPatternStates } from '../../lib/pattern-size.ts';

/**
 * The size limits of rendering, so that neither a template nor an alert can keep the process busy. Everything that runs
 * over a manifest takes time in proportion to its length, except where a limit below says why it is there.
 */
export const limits = {
  /** Characters of a template's manifest. */
  manifest: 262_144,
  /** Bytes of the rendered Workflow as JSON; leaves room for its labels within the 512 KiB of `spec.manifest`. */
  workflow: 500_000,
  /** The depth of maps and lists. */
  depth: 64,
  /** Entries of one map or list: the YAML library compares each key of a map with all others. */
  entries: 1000,
  /** Tokens of YAML, where a block of text is one; each costs the parser a microsecond. */
  lexemes: 50_000,
  /**
   * Keys and values in total, before and after aliases are expanded: each costs 10 to 30 microseconds up to the
   * Workflow.
   */
  nodes: 5_000,
  /** `*alias`: the YAML library searches the document for each. */
  aliases: 100,
  /** Tags of Aegis in one manifest. */
  tags: 1000,
  /** Different variables in one manifest; as many as `status.variables` holds. */
  variables: 256,
  /** Characters of one value; as many as a detail of an alert may have. */
  value: 8192,
  /** States of a compiled pattern. */
  pattern: maxPatternStates,
  /** States of the pattern times characters of the value: the worst cost of matching, here some 25 ms. */
  match: 1_000_000,
  /** Problems that are reported. */
  problems: 50,
} as const;
