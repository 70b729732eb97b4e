import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commands of one chapter (`##`) of a guide, as they are written there. */
export interface Chapter {
  /** Empty for what stands before the first one. */
  readonly title: string;
  readonly commands: readonly string[];
}

/** Reads the commands behind `$ ` in the `console` blocks of a guide; lines of output are left out. */
export function guideChapters(file: string): Chapter[] {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/guide', file), 'utf8');
  return text.split(/^(?=## )/m).map((chapter) => ({
    title: /^## (.*)/.exec(chapter)?.[1] ?? '',
    commands: [...chapter.matchAll(/^```console\n(.*?)^```/gms)].flatMap(([, block = '']) => commandsOf(block)),
  }));
}

function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let goesOn: ((line: string) => boolean) | undefined;
  for (const line of block.trimEnd().split('\n')) {
    if (goesOn !== undefined) {
      commands.push(`${commands.pop() ?? ''}\n${line}`);
      if (!goesOn(line)) goesOn = undefined;
    } else if (line.startsWith('$ ')) {
      commands.push(line.slice(2));
      const [, end] = /<<'(\w+)'/.exec(line) ?? [];
      if (end !== undefined) goesOn = (next) => next !== end;
      else if (line.endsWith('\\')) goesOn = (next) => next.endsWith('\\');
    }
  }
  return commands;
}
