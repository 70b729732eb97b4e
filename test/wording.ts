import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/**
 * `npm run verify -- wording`: finds words that docs/glossary.md bans, and clauses without a noun, in comments, messages,
 * test titles, manifests and documents. Prints each place with the words to use instead; exits 1 when there are any.
 */
export interface Finding {
  readonly line: number;
  readonly text: string;
  readonly instead: string;
}

/** A piece of prose at its offset in the file. Markup between its words is replaced by as many blanks. */
interface Prose {
  readonly offset: number;
  readonly text: string;
}

interface Ban {
  /** With the flag `g`. The group `found` is the text to report; without it the whole match. */
  readonly pattern: RegExp;
  readonly instead: string;
}

const reporting =
  /\b(say|says|said|saying|show|shows|shown|see|tell|tells|explain|explains|describe|describes|list|lists|report|reports|decide|decides|define|defines|name|names|know|check|checks|find|depends|record|records|read|reads|note|notes|verify|ask|asks)\b/i;

const words: readonly Ban[] = [
  ban('somebody|someone|anybody|whoever|whomever', 'a noun: a user, a client, another controller, the caller'),
  ban('nobody', 'no user, no client, no caller; or the passive'),
  ban('she|her|hers|herself|he|his|him|himself', 'they, their; or the noun: the user, the approver'),
  ban('persons?|people', 'user, users (docs/glossary.md)'),
  ban('deciders?|askers?', 'user, approver, requester (docs/glossary.md)'),
  ban('rehears(?:e|es|ed|ing|als?)', 'dry run (docs/glossary.md)'),
  ban('mend(?:s|ed|ing)?', 'fix, repair, correct'),
  ban('(?:falls?|fell|fallen) silent', 'stale, or: stopped sending (docs/glossary.md)'),
  ban('(?:is|are|was|were|be) told (?:of|about|when|that|to|not)', 'receives, is called with, is asked to'),
  ban('hears?(?: of| about| from)?|heard of', 'receives, is notified of, is seen'),
  ban('speaks? of', 'names, concerns'),
  ban(
    '(?:a|an|another|one|last|next|first|each|every|two|the) looks?(?= (?:at|for|around|again|from|of)\\b|[,.;:)]|$)',
    'a check, a poll, a read',
  ),
  ban('stands? in(?!-)', 'is in, is part of'),
  ban('on the word of', 'because of, as requested by'),
  ban('as (?:they|it) comes?', 'in the order of arrival'),
  ban('comes? to nothing|comes? to be', 'fails; is created'),
  ban('disobey(?:s|ed)?|disobedien(?:t|ce)|obeys? (?:its|a|the) signal', 'ignores its signal, is stuck'),
  ban('doors?', 'handler, server, endpoint (docs/glossary.md)'),
  ban('the house', 'the code base, the repository'),
];

/** Clauses that begin with what, who or whatever in place of a noun. Questions are allowed. */
const clauses: readonly Ban[] = [
  ban(
    'what (?:waits|is due|asks|came of|comes of|comes in|has come|is meant|is at work)\\b[^.;,]{0,20}',
    'a noun: waiting attempts, due work, the result',
  ),
  ban('(?:to|of|from|by|for|with|than|only) who\\b \\w+', 'a noun: the user who ...'),
  ban('those who\\b \\w+', 'a noun: users who ..., clients that ...'),
  ban('whatever (?:is|was|are|has|may|can|must|comes|waits|\\w+ed)\\b', 'all objects that ..., any value that ...'),
];

const opening = /(?<=^\s*|[.;:!]\s+|\*\*\s*)(?<found>(?:What|Who|Whatever)\s+(?!to\b)[\w']+\s+[\w']+)/g;
const openingOfTitle = /^(?<found>(?:what|who|whatever) \w+ \w+)/g;
const subject =
  /(?:,|\b(?:and|but|or|that|because|since|while|when|where|if|unless|than)) (?<found>(?:what|who) (?!to\b|if\b|the\b|a\b|an\b|it\b|they\b|we\b|you\b)\w+(?: \w+)?)/g;
const noun = 'a noun as subject: the object, the user, the attempt, the result ...';

function ban(alternatives: string, instead: string): Ban {
  const source = alternatives.replaceAll(' ', '\\s+');
  return { pattern: new RegExp(`(?<![\\w/.-])(?:${source})(?![\\w/-])`, 'gi'), instead };
}

/** Returns the banned words and clauses of one file; `path` is relative to the repository. */
export function findWording(path: string, source: string): Finding[] {
  const found = proseOf(path, source).flatMap((prose) =>
    findingsOf(prose).map(({ at, text, instead }) => ({ at: prose.offset + at, text, instead })),
  );
  return found
    .sort((one, other) => one.at - other.at)
    .map(({ at, text, instead }) => ({ line: source.slice(0, at).split('\n').length, text, instead }));
}

/** Places that several rules find are reported once. */
function findingsOf({ text }: Prose) {
  const every = [...words, ...clauses].flatMap(({ pattern, instead }) => matches(text, pattern, instead));
  const headless = [opening, openingOfTitle, subject].flatMap((pattern) => matches(text, pattern, noun));
  const found = [...every, ...headless.filter(({ at }) => !isQuestion(text, at))];
  return found.filter(({ at, end }, index) => !found.slice(0, index).some((one) => one.at < end && at < one.end));
}

function matches(text: string, pattern: RegExp, instead: string) {
  return [...text.matchAll(pattern)].map((match) => {
    const found = match.groups?.['found'] ?? match[0];
    const at = match.index + match[0].indexOf(found);
    return { at, end: at + found.length, text: found.replaceAll(/\s+/g, ' ').trim(), instead };
  });
}

/** Returns true for a direct question, and for an indirect one: "says what was tried and who did it". */
function isQuestion(text: string, at: number): boolean {
  const before =
    text
      .slice(0, at)
      .split(/[.;!?]\s/)
      .at(-1) ?? '';
  const [, end] = /([.;!?])(?:\s|$)/.exec(text.slice(at)) ?? [];
  return end === '?' || reporting.test(before);
}

function proseOf(path: string, source: string): Prose[] {
  if (path.endsWith('.ts')) return proseOfProgram(path, source);
  if (path.endsWith('.md')) return proseOfMarkdown(source);
  return paragraphs(source.replaceAll(/^\s*#/gm, blank));
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}

/** Splits at empty lines and joins the lines of a paragraph. */
function paragraphs(source: string): Prose[] {
  return [...source.matchAll(/[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*/g)].map((match) => ({
    offset: match.index,
    text: match[0].replaceAll('\n', ' '),
  }));
}

/** Headings, list items and cells of tables are paragraphs of their own; code and the targets of links are left out. */
function proseOfMarkdown(source: string): Prose[] {
  const plain = source
    .replaceAll(/^( *)```.*?^\1```/gms, blank)
    .replaceAll(/<!--.*?-->|``[^`]*``|`[^`\n]*`|\]\([^)\s]*\)/gs, blank)
    .replaceAll(/^#.*$/gm, blank);
  return paragraphs(plain.replaceAll(/^ *(?:[-*]|\d+\.) /gm, (mark) => `\n${mark.slice(1)}`))
    .flatMap(({ offset, text }) =>
      [...text.matchAll(/[^|]+/g)].map((cell) => ({ offset: offset + cell.index, text: cell[0] })),
    )
    .map(({ offset, text }) => ({ offset, text: text.replaceAll(/\s/g, ' ') }));
}

/** Comments of all programs; messages of the product, and in tests the titles alone. */
function proseOfProgram(path: string, source: string): Prose[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const ofTest = /^(?:test|devcluster)\//.test(path) || path.endsWith('.test.ts');
  const prose: Prose[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node) || ts.isImportDeclaration(node)) return;
    const children = node.getChildren(file);
    if (children.every(ts.isJSDoc)) prose.push(...commentsBefore(node, file));
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) {
      const text = node.getText(file);
      if (text.includes(' ') && (!ofTest || isTitle(node))) {
        prose.push({ offset: node.getStart(file) + 1, text: text.slice(1, -1).replaceAll(/\s/g, ' ') });
      }
    }
    children.forEach(visit);
  };
  visit(file);
  return prose;
}

function commentsBefore(token: ts.Node, file: ts.SourceFile): Prose[] {
  const start = token.getFullStart();
  const trivia = file.text.slice(start, token.getStart(file));
  const plain = trivia
    .replaceAll(/^\s*\* ?@\w+(?: \w+)?/gm, (tag) => `${blank(tag.slice(1))}\n`)
    .replaceAll(/\/\*\*?|\*\/|\/\/|^\s*\*(?!\*)/gm, blank)
    .replaceAll(/`[^`\n]*`/g, blank);
  return trivia.includes('/') ? paragraphs(plain).map(({ offset, text }) => ({ offset: start + offset, text })) : [];
}

function isTitle(node: ts.Node): boolean {
  let call = node.parent;
  while (ts.isTemplateSpan(call) || ts.isTemplateExpression(call)) call = call.parent;
  return ts.isCallExpression(call) && /^(?:it|test|describe)\b/.test(call.expression.getText());
}

/** Files that quote the banned words. */
const exempt = new Set(['test/wording.ts', 'test/wording.test.ts', 'docs/glossary.md']);

function main(root: string): void {
  const patterns = ['**/*.ts', '**/*.md', '{manifests,devcluster,docs}/**/*.yaml', '**/*.sh'];
  const paths = globSync(patterns, { cwd: root, exclude: ['**/node_modules'] }).filter((path) => !exempt.has(path));
  const counts = new Map<string, number>();
  for (const path of paths.sort()) {
    for (const { line, text, instead } of findWording(path, readFileSync(join(root, path), 'utf8'))) {
      console.log(`${path}:${line}: "${text}": write ${instead}`);
      const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : path;
      counts.set(room, (counts.get(room) ?? 0) + 1);
    }
  }
  if (counts.size > 0) console.log([...counts].map(([room, count]) => `${room}: ${count}`).join(', '));
  process.exitCode = counts.size === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(join(import.meta.dirname, '..'));
