import { describe, expect, it } from '@jest/globals';
import { findWording } from './wording.ts';

function found(path: string, source: string): string[] {
  return findWording(path, source).map(({ line, text }) => `${line}: ${text}`);
}

describe('findWording', () => {
  it('banned words are found in comments of all programs', () => {
    expect(found('a.ts', '/** Told to whoever\n * asks. */\nconst a = 1; // nobody reads it\n')).toEqual([
      '1: whoever',
      '3: nobody',
    ]);
    expect(found('test/a.ts', 'function a() {\n  // She waits.\n}\n')).toEqual(['2: She']);
  });

  it('banned words are found in messages of the product, and in tests only in titles', () => {
    const source = "it('asks nobody', () => {\n  fail('somebody called');\n  done(`no ${x} for nobody`);\n});\n";
    expect(found('a.ts', source)).toEqual(['1: nobody', '2: somebody', '3: nobody']);
    expect(found('a.test.ts', source)).toEqual(['1: nobody']);
    expect(found('test/a.ts', source)).toEqual(['1: nobody']);
  });

  it('identifiers, single words, import paths and inline code are not prose', () => {
    expect(found('a.ts', "import door from './the door.ts';\nconst her = 'nobody';\n/** Runs `nobody`. */\n")).toEqual(
      [],
    );
  });

  it('a clause that begins with what or who in place of a noun is found', () => {
    expect(found('a.ts', '/** What a run needs. */')).toEqual(['1: What a run']);
    expect(found('a.ts', '// The queue is short, and what waits is picked up.')).toEqual([
      '1: what waits is picked up',
    ]);
    expect(found('a.ts', "throw new Error('the rights of who may approve');")).toEqual(['1: of who may']);
    expect(found('a.test.ts', "it('what came later is kept', run);")).toEqual(['1: what came later']);
  });

  it('direct and indirect questions and relative clauses are allowed', () => {
    expect(found('a.md', 'What can go wrong? The user who approved it, and the status says what was tried.')).toEqual(
      [],
    );
    expect(found('a.ts', '/** Returns true for users who may approve. */')).toEqual([]);
  });

  it('a phrase that spans two lines is found at its first line', () => {
    expect(found('a.ts', '/**\n * An alert that fell\n * silent.\n */')).toEqual(['2: fell silent']);
    expect(found('a.md', 'An alert\nthat fell\nsilent.\n')).toEqual(['2: fell silent']);
    expect(found('a.ts', '// An alert that fell\n// silent.\n')).toEqual(['1: fell silent']);
  });

  it('headings, code and links of Markdown are left out, cells of tables are separate sentences', () => {
    expect(found('a.md', '# What happened\n\n```\nnobody\n```\n\n[text](docs/at-the-door.md) `somebody`\n')).toEqual(
      [],
    );
    expect(found('a.md', '| a | What it is |\n| - | - |\n')).toEqual(['1: What it is']);
  });

  it('comments and values of YAML are searched', () => {
    expect(found('a.yaml', '# For nobody\na: told to somebody\n')).toEqual(['1: nobody', '2: somebody']);
  });
});
