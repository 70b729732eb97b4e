import Mustache from 'mustache';
import { fillMarks, markDelimiters, marksOf } from './tags.ts';

/** The values for a text with marks; variables are numbers. */
export interface Filling {
  /** Called for each variable that is reached. */
  readonly valueOf: (variable: number) => string;
  /** Whether a section on the variable is shown. */
  readonly holds: (variable: number) => boolean;
}

/**
 * Runs mustache on the marks of one scalar. Names and values never reach it: its view contains the shown sections and
 * nothing else, so that none of its lookups (dots, prototypes, functions) can find anything.
 */
class StrictWriter extends Mustache.Writer {
  readonly #filling: Filling;

  constructor(filling: Filling) {
    super();
    this.#filling = filling;
  }

  override unescapedValue([, number]: string[]): string {
    return this.#filling.valueOf(Number(number));
  }

  /** Marks of variables are written as unescaped. */
  override escapedValue(): never {
    throw new Error('a variable without a mark reached mustache');
  }
}

/**
 * Fills a text whose sections are balanced; a section tag alone on its line takes the line with it.
 *
 * @param variables those that the text uses
 */
export function fill(text: string, variables: Iterable<number>, filling: Filling): string {
  // Mustache reads character by character, and a long script rarely has sections.
  if (!marksOf(text).some(({ kind }) => kind !== '&')) return fillMarks(text, filling.valueOf);
  const view = Object.create(null) as Record<string, boolean>;
  for (const variable of variables) view[String(variable)] = filling.holds(variable);
  return new StrictWriter(filling).render(text, view, undefined, { tags: markDelimiters });
}
