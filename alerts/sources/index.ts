import { alertmanager } from './alertmanager.ts';
import { defaultSource } from './default.ts';
import type { Source } from './source.ts';

/** All sources. A new one is a file beside this one and a line here. */
export const sources: readonly Source[] = [alertmanager, defaultSource];
