import { checkText } from './leaf.ts';
import { limits } from './limits.ts';
import { problem, type Path, type RenderProblem } from './problem.ts';
import { hasMark, marksOf } from './tags.ts';
import { TypedScalar, type Leaf, type Tree } from './tree.ts';

/** Returns the data of a YAML document as a tree without shared parts, and all of its problems. */
export function checkTree(value: unknown, names: readonly string[]): { tree: Tree; problems: RenderProblem[] } {
  const reader = new TreeReader(names);
  const tree = reader.read(value, []);
  return { tree, problems: reader.problems };
}

class TreeReader {
  readonly problems: RenderProblem[] = [];
  readonly #names: readonly string[];
  #nodes = 0;
  #characters = 0;
  #tags = 0;
  #reported = false;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  read(value: unknown, path: Path): Tree {
    this.#nodes += 1;
    if (this.#exceeds(path)) return null;
    if (Array.isArray(value)) return value.map((item, index) => this.read(item, [...path, index]));
    if (typeof value === 'object' && value !== null && !(value instanceof TypedScalar)) return this.#map(value, path);
    return this.#leaf(value, path);
  }

  #map(value: object, path: Path): Tree {
    const entries = Object.entries(value).map(([key, item]): [string, Tree] => {
      if (hasMark(key)) {
        const message = 'a key cannot hold a variable: put it into the value';
        this.problems.push(problem('VariableMisplaced', message, { path }));
      }
      if (key === '__proto__') this.problems.push(problem('NotAWorkflow', '"__proto__" cannot be a key', { path }));
      this.#characters += key.length;
      return [key, this.read(item, [...path, key])];
    });
    return Object.fromEntries(entries);
  }

  #leaf(value: unknown, path: Path): Leaf {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number') {
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
        this.problems.push(problem('Unreadable', 'JSON cannot hold this number: put it in quotes', { path }));
      }
      return value;
    }
    if (typeof value !== 'string' && !(value instanceof TypedScalar)) {
      this.problems.push(problem('Unreadable', 'JSON has no such type: put the value in quotes', { path }));
      return null;
    }
    const text = typeof value === 'string' ? value : value.text;
    this.#characters += text.length;
    this.#tags += marksOf(text).length;
    this.problems.push(...checkText(text, path, this.#names));
    return value;
  }

  /** Aliases can make a tree larger than its text, or endless; reported once. */
  #exceeds(path: Path): boolean {
    if (this.problems.length >= limits.problems) return true;
    const fits =
      this.#nodes <= limits.nodes &&
      path.length <= limits.depth &&
      this.#characters <= limits.workflow &&
      this.#tags <= limits.tags;
    if (!fits && !this.#reported)
      this.problems.push(problem('TooLarge', 'the manifest is too large with its aliases expanded'));
    this.#reported ||= !fits;
    return this.#reported;
  }
}
