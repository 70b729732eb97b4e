export { checkTemplate, type TemplateCheck } from './check.ts';
export { manifestHash, workflowManifest } from './manifest.ts';
export { renderTemplate, type RenderResult } from './render.ts';
