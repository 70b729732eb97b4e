import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { oncePerObject } from '../../lib/memoize.ts';
import { compileRule, type CompiledRule } from '../../rules/compile.ts';
import { compileTemplate, type CompileResult } from '../render/index.ts';

/** Compiles rules and templates, each version once. */
export interface Compilers {
  readonly rule: (rule: AegisAlertOpsRule) => CompiledRule;
  readonly template: (template: AegisOpsTemplate) => CompileResult;
}

/** Creates the compilers of a process: rules and templates are few, and alerts are many. */
export function createCompilers(): Compilers {
  return { rule: oncePerObject(compileRule), template: oncePerObject(compileTemplate) };
}
