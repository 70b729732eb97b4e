/**
 * Tags of Aegis are `{{.name}}`, `{{#.name}}`, `{{^.name}}` and `{{/.name}}`. Before the YAML is parsed each becomes a
 * mark made of two private-use characters round a number, so that unquoted tags are harmless to YAML, no other tag is
 * touched, and mustache, which has these characters as delimiters, sees nothing but ours.
 */
const opening = '\uEF00';
const closing = '\uEF01';

/** For mustache. */
export const markDelimiters: [string, string] = [opening, closing];

export type MarkKind = '&' | '#' | '^' | '/';

/** A tag of Aegis in a scalar of the parsed manifest. */
export interface Mark {
  kind: MarkKind;
  /** Number of the variable. */
  variable: number;
}

/** The manifest with marks in place of tags, and the variables' names by number. */
export interface Marked {
  text: string;
  names: string[];
  tags: number;
}

// Bounded runs of blanks keep this linear. A third brace is refused later, with a message of its own.
const tag = /(?<!\{)\{\{[ \t]{0,16}(?:([#^/])[ \t]{0,16})?\.([A-Za-z_][A-Za-z0-9_./-]{0,127})[ \t]{0,16}\}\}/g;
const mark = /\uEF00([&#^/])([0-9]+)\uEF01/g;
const reserved = /[\uEF00\uEF01]|\\(?:u|U0000)ef0[01]/i;

/** Returns whether a text contains the characters of marks, literally or as a YAML escape. */
export function usesReservedCharacters(text: string): boolean {
  return reserved.test(text);
}

/** Replaces the tags of Aegis by marks. */
export function markTags(manifest: string): Marked {
  const numbers = new Map<string, number>();
  let tags = 0;
  // A variable is written as mustache's "&": without a kind, mustache searches all the rest of the text for one.
  const text = manifest.replace(tag, (_, kind: string | undefined, name: string) => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    tags += 1;
    return `${opening}${kind ?? '&'}${number}${closing}`;
  });
  return { text, names: [...numbers.keys()], tags };
}

export function hasMark(text: string): boolean {
  return text.includes(opening);
}

export function marksOf(text: string): Mark[] {
  return Array.from(text.matchAll(mark), ([, kind, number]) => ({ kind: kind as MarkKind, variable: Number(number) }));
}

/** Replaces marks by values; for a text without sections. */
export function fillMarks(text: string, valueOf: (variable: number) => string): string {
  return text.replace(mark, (_, __, number: string) => valueOf(Number(number)));
}

/** Replaces marks by tags again, for messages. */
export function unmark(text: string, names: readonly string[]): string {
  return text.replace(mark, (_, kind: MarkKind, number: string) => {
    return `{{${kind === '&' ? '' : kind}.${names[Number(number)] ?? ''}}}`;
  });
}
