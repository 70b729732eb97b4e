import { describe, expect, it } from '@jest/globals';
import { containerManifest, line, messages, problems, render, start } from '../../test/builders/render-examples.ts';

describe('expressions of Argo in a template', () => {
  it.each([
    '{{inputs.parameters.x}}',
    '{{ inputs.parameters.x }}',
    '{{workflow.name}}',
    '{{=sprig.trim(inputs.parameters.x) + "}"}}',
    "{{=item == 'a' || steps['x'].outputs.result}}",
    '{{item}}',
    '{{item.some key}}',
    '{{steps.a-b.outputs.parameters.end}}',
    '{{workflow.creationTimestamp.%Y-%m-%d %H}}',
    '{{retries}} {{pod.name}} {{tasks.if.status}}',
    "${A} $(B) {'a': {'b': {}}} }} %}",
  ])('an expression of Argo is kept byte for byte: %s', (text) => {
    const quoted = JSON.stringify(`{{.v}} ${text}`);
    expect(start(line(`args: [${quoted}]`, 'x'))).toMatchObject({ container: { args: [`x ${text}`] } });
  });

  it('an expression of Argo cannot contain a variable', () => {
    expect(problems(line('args: ["{{=foo(\'{{.v}}\')}}"]', 'x'))).toContain(
      'VariableMisplaced v spec.templates[0].container.args[0]',
    );
    expect(problems(line('args: ["{{inputs.parameters.{{.v}}}}"]', 'x'))).toContain(
      'VariableMisplaced v spec.templates[0].container.args[0]',
    );
  });
});

describe('tags that are refused with a hint about the right syntax', () => {
  it.each([
    ['{{if .v}}a{{end}}', 'Go template actions are not executed'],
    ['{{ range .items }}', 'Go template actions are not executed'],
    ['{{else}}', '{{#.name}}..{{/.name}}'],
    ['{{with .v}}', 'Go template actions'],
    ['{{define "x"}}', 'Go template actions'],
    ['{{template "x"}}', 'Go template actions'],
    ['{{block "x" .}}', 'Go template actions'],
    ['{{- .v }}', 'blanks are not trimmed'],
    ['{{.v -}}', 'blanks are not trimmed'],
    ['{{.v | quote}}', 'pipes do not exist here'],
    ['{{.v|quote}}', 'pipes do not exist here'],
    ['{{"{{"}}', "write Argo's"],
    ['{{`{{`}}', "write Argo's"],
    ['{{$x := .v}}', 'variables of Go templates'],
    ['{{printf "%s" .v}}', 'functions of Go templates'],
    ['{{default "x" .v}}', 'functions of Go templates'],
    ['{{(index .v 1)}}', 'functions of Go templates'],
    ['{{/* comment */}}', 'write a comment of YAML'],
    ['{{! comment }}', 'write a comment of YAML'],
    ['{{{.v}}}', 'two braces are enough'],
    ['{{{{.v}}}}', 'two braces are enough'],
    ['{{& .v}}', 'write {{.name}}'],
    ['{{> .v}}', 'partials do not exist'],
    ['{{=<% %>=}}', 'delimiters'],
    ['{{#v}}{{/v}}', 'with a dot'],
    ['{{.}}', 'write {{.name}}'],
    ['{{.1v}}', 'write {{.name}}'],
    ['{{.v w}}', 'write {{.name}}'],
    ['{{', 'never closed'],
  ])('the tag %s is refused with a hint', (text, message) => {
    const result = render(containerManifest(`args: [${JSON.stringify(text)}]`), { v: 'x' });
    expect(problems(result)[0]).toMatch(/^(TagRefused|VariableMisplaced)/);
    expect(messages(result)).toContain(message);
    expect(messages(result)).toContain('spec.templates[0].container.args[0]');
  });

  it('Go templates are refused with a hint even where they are not YAML', () => {
    const result = line('args:\n{{if .v}}\n- a\n{{end}}', 'x');
    expect(problems(result)).toEqual(['TagRefused', 'TagRefused']);
    expect(messages(result)).toContain('line 10: {{if .v}}: Go template actions are not executed');
  });

  it('tags that are hidden in YAML escapes are found', () => {
    expect(problems(line('args: ["\\x7b\\x7bif .v}}"]', 'x'))).toEqual([
      'TagRefused spec.templates[0].container.args[0]',
    ]);
    expect(problems(line('args: ["\\uEF00&0\\uEF01{{.v}}"]', 'x'))).toEqual(['TagRefused']);
    expect(problems(line('args: ["\uEF00&0\uEF01"]', 'x'))).toEqual(['TagRefused']);
  });

  it('comments of YAML may contain any text', () => {
    const result = line('# {{if .v}} {{.unknown}} {{\nargs: ["{{.v}}"]', 'x');
    expect(result).toMatchObject({ ok: true, variables: ['v'] });
  });
});
