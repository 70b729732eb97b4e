import {
  Composer,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
  type Document,
  type ScalarTag,
} from 'yaml';
import { limits } from './limits.ts';
import { problem, type RenderProblem } from './problem.ts';
import { hasMark } from './tags.ts';
import { TypedScalar } from './tree.ts';

/** The parsed YAML of a manifest: plain data that is not checked yet, or why it cannot be read. */
export type YamlResult = { ok: true; value: unknown } | { ok: false; problems: RenderProblem[] };

/** kubectl reads `defaultMode: 0644` as YAML 1.1 did; the core schema of YAML 1.2 would make it 644. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

const typed = new Map<string, TypedScalar['type']>([
  ['tag:yaml.org,2002:int', 'int'],
  ['tag:yaml.org,2002:float', 'float'],
  ['tag:yaml.org,2002:bool', 'bool'],
]);
const plain = new Set(['!', ...['str', 'null', 'seq', 'map'].map((name) => `tag:yaml.org,2002:${name}`)]);

/** Reads exactly one document of YAML 1.2 (core schema, merge keys, octal numbers as kubectl reads them). */
export function parseYaml(text: string): YamlResult {
  const lines = new LineCounter();
  const tokens = tokensOf(text, lines);
  if (tokens === undefined) {
    return refused(problem('TooLarge', `the manifest has more than ${limits.lexemes} words and signs of YAML`));
  }
  const excess = excessOf(tokens);
  if (excess !== undefined) return refused(problem('TooLarge', excess));
  const composer = new Composer({
    schema: 'core',
    merge: true,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
    customTags: (tags) => [octal, ...tags],
  });
  const [document, ...others] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined || others.length > 0) {
    return refused(
      problem('Unreadable', 'the manifest must be exactly one YAML document: write one template per Workflow'),
    );
  }
  const errors = document.errors.slice(0, limits.problems).map(({ code, pos, message }) => {
    const hint = code === 'NON_STRING_KEY' ? "; put values that begin with Argo's braces in quotes" : '';
    return problem('Unreadable', `the manifest is not YAML: line ${lines.linePos(pos[0]).line}: ${message}${hint}`);
  });
  const untyped = typeScalars(document, lines);
  if (errors.length + untyped.length > 0) return refused(...errors, ...untyped);
  return valueOf(document);
}

/** The unresolved syntax; undefined when there is so much of it that reading on would take too long. */
function tokensOf(text: string, lines: LineCounter): CST.Token[] | undefined {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > limits.lexemes) return undefined;
    tokens.push(...parser.next(lexeme));
  }
  return [...tokens, ...parser.end()];
}

/** Finds aliases that explode or refer to themselves while following them. */
function valueOf(document: Document.Parsed): YamlResult {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: limits.aliases }) };
  } catch (error) {
    return refused(problem('TooLarge', `the manifest's aliases cannot be expanded: ${String(error)}`));
  }
}

/**
 * Marks tagged scalars for later, because their value is not known yet, and refuses the tags that JSON has no type for.
 */
function typeScalars(document: Document.Parsed, lines: LineCounter): RenderProblem[] {
  const problems: RenderProblem[] = [];
  visit(document, (_, node) => {
    if (!isNode(node) || typeof node.tag !== 'string' || plain.has(node.tag)) return;
    const type = typed.get(node.tag);
    if (type !== undefined && isScalar(node)) {
      if (typeof node.value !== 'string') return;
      if (hasMark(node.value)) {
        node.value = new TypedScalar(type, node.value);
        return;
      }
    }
    const line = lines.linePos(node.range?.[0] ?? 0).line;
    const what = type === undefined ? 'only !!int, !!float, !!bool and !!str are known' : `this is no ${type}`;
    problems.push(problem('Unreadable', `the manifest's tags cannot be used: line ${line}: ${what}`));
  });
  return problems;
}

/** Checks the unresolved syntax, which takes little time at any nesting; converting it to data may not. */
function excessOf(tokens: readonly CST.Token[]): string | undefined {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  let nodes = 0;
  let aliases = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const entries = 'items' in next.token ? next.token.items.length : 0;
    nodes += 1 + entries + propertiesOf(next.token);
    if (next.token.type === 'alias') aliases += 1;
    if (entries > limits.entries) return `the manifest has a map or list of more than ${limits.entries} entries`;
    if (next.depth > limits.depth) return `the manifest is nested more than ${limits.depth} deep`;
    if (nodes > limits.nodes) return `the manifest has more than ${limits.nodes} keys and values`;
    for (const token of childrenOf(next.token)) open.push({ token, depth: next.depth + 1 });
  }
  return aliases > limits.aliases ? `the manifest has more than ${limits.aliases} aliases` : undefined;
}

/** Counts the anchors and tags before the values of a document or an entry. */
function propertiesOf(token: CST.Token): number {
  const before = 'start' in token && Array.isArray(token.start) ? token.start : [];
  const within = 'items' in token ? token.items.flatMap(({ start, sep }) => [...start, ...(sep ?? [])]) : [];
  return [...before, ...within].filter(({ type }) => type === 'anchor' || type === 'tag').length;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => child !== undefined && child !== null));
}

function refused(...problems: RenderProblem[]): YamlResult {
  return { ok: false, problems };
}
