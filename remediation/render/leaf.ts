import { bracesIn, refusalOf } from './braces.ts';
import { placeOf } from './places.ts';
import { problem, type Path, type RenderProblem } from './problem.ts';
import { hasMark, marksOf, unmark, type Mark } from './tags.ts';

/** Returns the problems of the text of a leaf for any values of its variables. */
export function checkText(text: string, path: Path, names: readonly string[]): RenderProblem[] {
  return [...checkBraces(text, path, names), ...checkReference(text, path, names), ...checkSections(text, path, names)];
}

function checkBraces(text: string, path: Path, names: readonly string[]): RenderProblem[] {
  const { all, unclosed } = bracesIn(text);
  const problems = all.flatMap(({ content }) => {
    const shown = shorten(`{{${unmark(content, names)}}}`);
    if (hasMark(content)) {
      const message = `a variable cannot be part of Argo's ${shown}: give it to the template as a parameter instead`;
      return [problem('VariableMisplaced', message, { path, ...firstOf(content, names) })];
    }
    const refusal = refusalOf(content);
    return refusal === undefined ? [] : [problem('TagRefused', `${shown}: ${refusal}`, { path })];
  });
  // Argo would look for the end in the values that follow.
  if (unclosed) problems.push(problem('TagRefused', '"{{" is never closed by "}}"', { path }));
  return problems;
}

/**
 * Kubernetes would replace the name of an environment variable in a value by its content: a Secret, if the container
 * has one.
 */
function checkReference(text: string, path: Path, names: readonly string[]): RenderProblem[] {
  const reference = text.match(/\$\([^)]*/g)?.find(hasMark);
  if (reference === undefined || placeOf(path) !== 'Environment') return [];
  const message = `a variable cannot be part of ${shorten(unmark(reference, names))}), which names another variable`;
  return [problem('VariableMisplaced', message, { path, ...firstOf(reference, names) })];
}

function checkSections(text: string, path: Path, names: readonly string[]): RenderProblem[] {
  const mark = unbalanced(marksOf(text));
  if (mark === undefined) return [];
  const variable = names[mark.variable] ?? '';
  const message = `the section on {{.${variable}}} must open and close within this one value, and inner sections before outer ones`;
  return [problem('SectionUnbalanced', message, { path, variable })];
}

/** Returns the first section tag without a counterpart. */
function unbalanced(marks: readonly Mark[]): Mark | undefined {
  const open: Mark[] = [];
  for (const mark of marks) {
    if (mark.kind === '#' || mark.kind === '^') open.push(mark);
    if (mark.kind === '/' && open.pop()?.variable !== mark.variable) return mark;
  }
  return open.at(-1);
}

function firstOf(text: string, names: readonly string[]): { variable?: string } {
  const variable = names[marksOf(text)[0]?.variable ?? -1];
  return variable === undefined ? {} : { variable };
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
