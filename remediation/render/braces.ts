/** The text between `{{` and the next `}}`, read as Argo reads it. */
export interface Braces {
  content: string;
  /** Offset of the content in the text. */
  start: number;
}

/** Returns every `{{..}}` of a text from left to right, and whether a last `{{` is never closed. */
export function bracesIn(text: string): { all: Braces[]; unclosed: boolean } {
  const all: Braces[] = [];
  let from = text.indexOf('{{');
  while (from !== -1) {
    const start = from + 2;
    const end = text.indexOf('}}', start);
    if (end === -1) return { all, unclosed: true };
    all.push({ content: text.slice(start, end), start });
    from = text.indexOf('{{', end + 2);
  }
  return { all, unclosed: false };
}

interface Refusal {
  content: RegExp;
  message: string;
}

const sections =
  'for a part that depends on a variable write {{#.name}}..{{/.name}} or {{^.name}}..{{/.name}} inside one value';
const words = 'if|else|end|range|with|define|template|block|break|continue';
const functions = 'and|or|not|len|index|slice|print|printf|println|html|js|urlquery|call|eq|ne|lt|le|gt|ge';

/**
 * Braces that are refused, because in templates of the original project or of mustache they have a meaning that would
 * be lost without notice. The first match gives the message. All other braces are Argo's.
 */
const refusals: readonly Refusal[] = [
  { content: /^=\S+\s+\S+=$/, message: 'delimiters of tags cannot be changed' },
  { content: /^\{+\s*[#^/&]?\s*\./, message: 'nothing is escaped, so that two braces are enough: write {{.name}}' },
  { content: /^\s*[&>]/, message: 'unescaped variables and partials do not exist here: write {{.name}}' },
  { content: /^\s*!/, message: 'write a comment of YAML or of the script instead of {{! }}' },
  { content: /^-\s|\s-$/, message: 'blanks are not trimmed ({{- -}}): write {{.name}}' },
  { content: /^\s*\/\*/, message: 'write a comment of YAML or of the script instead of {{/* */}}' },
  { content: /^\s*[#^/]/, message: 'a section names its variable with a dot: {{#.name}}..{{/.name}}' },
  { content: new RegExp(`^\\s*(?:${words})(?:\\s|$)`), message: `Go template actions are not executed; ${sections}` },
  { content: /^\s*["`]/, message: "Go strings are not needed: write Argo's {{..}} as they are" },
  { content: /^\s*\$/, message: 'variables of Go templates do not exist here: use {{.name}}' },
  {
    content: /^\s*\.[^|]*\|/,
    message: 'pipes do not exist here: write {{.name}} and give a default in spec.parameters',
  },
  {
    content: /^\s*\./,
    message: 'write {{.name}} with letters, digits and _ . / - in the name, beginning with a letter or _',
  },
  {
    content: new RegExp(`^\\s*(?:${functions})\\s`),
    message: `functions of Go templates do not exist here; ${sections}`,
  },
  {
    content: /^\s*\(|^\s*[A-Za-z_]\w*\s+(?:[^=]\S*\s+)?[.$"`(]/,
    message: `functions of Go templates do not exist here; ${sections}`,
  },
];

/** Returns why the content of braces cannot be left to Argo, and the right syntax. */
export function refusalOf(content: string): string | undefined {
  // Only its beginning and end matter; cutting the rest keeps every expression above cheap.
  const edges = content.length <= 256 ? content : `${content.slice(0, 128)}${content.slice(-128)}`;
  return refusals.find((refusal) => refusal.content.test(edges))?.message;
}
