export { checkTemplate, type TemplateCheck } from './check.ts';
export { compileTemplate, type CompileResult } from './compile.ts';
export { manifestHash, workflowManifest } from './manifest.ts';
export { renderTemplate, type RenderResult } from './render.ts';
export type { RenderProblem } from './problem.ts';
