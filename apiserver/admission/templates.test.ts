import { afterEach, describe, expect, it } from '@jest/globals';
import { aTemplate } from '../../test/builders/objects.ts';
import {
  fieldsOf,
  openAdmission,
  templateWith,
  type Answer,
  type OpenAdmission,
  type AdmissionOptions,
} from '../../test/admission/fakes/admission.ts';
import { aegisOpsTemplates, type AegisOpsTemplate } from '../../crds/ops-template.ts';
import { errorOfAnswer } from '../../kube/client/api-error.ts';
import { containerManifest } from '../../test/builders/render-examples.ts';
import type { ResourceAttributes } from '../../kube/authorizer.ts';

let admission: OpenAdmission;

afterEach(async () => {
  await admission.close();
});

async function validate(template: AegisOpsTemplate, options: AdmissionOptions = {}): Promise<Answer> {
  admission = await openAdmission(options);
  return admission.review(aegisOpsTemplates, template);
}

/** A dry run that ends with this answer of the API server. */
function answering(status: number, body: object | string): () => never {
  const text = typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', code: status, ...body });
  return () => {
    throw errorOfAnswer({ status, headers: {}, text }, false);
  };
}

describe('a template at the admission', () => {
  it('a template is refused with all rendering problems, each at its field', async () => {
    const manifest = containerManifest('command: [/bin/sh, -c, "{{if .x}}y{{end}}"]').replace(
      'kind: Workflow',
      'kind: Pod',
    );
    const answer = await validate(
      templateWith(manifest, {
        parameters: [
          { name: 'a', pattern: '(', required: true },
          { name: 'b', pattern: '[0-9]+', default: 'x', required: true },
        ],
      }),
    );
    expect(new Set(fieldsOf(answer))).toEqual(
      new Set(['spec.manifest', 'spec.parameters[0].pattern', 'spec.parameters[1].default']),
    );
    const message = answer.body.response?.status?.message ?? '';
    expect(message).toContain('kind: Workflow');
    expect(message).toContain('spec.templates[0].container.command[2]');
    expect(admission.requests).toEqual([]);
  });

  it('a refused template names the path in the manifest in the message', async () => {
    const answer = await validate(templateWith(containerManifest('workingDir: 7', '"{{.x}}": y')));
    expect(answer.body.response?.status?.message).toContain(
      'spec.manifest: spec.templates[0].container: a key cannot hold',
    );
  });

  it('a template is validated by a dry run of its Workflow, and nothing is created', async () => {
    await validate(aTemplate({ spec: { namespace: 'argo' } }));
    expect(admission.requests).toHaveLength(1);
    expect(admission.requests[0]).toMatchObject({
      method: 'POST',
      path: '/apis/argoproj.io/v1alpha1/namespaces/argo/workflows',
      query: { dryRun: 'All' },
      body: { metadata: { name: 'aegis-dry-run', namespace: 'argo' } },
    });
  });

  it('a template is refused with the causes for which the API server refuses its Workflow', async () => {
    const causes = [
      { reason: 'FieldValueInvalid', field: 'spec.templates[0].container.image', message: 'Invalid value: "integer"' },
      { reason: 'FieldValueRequired', field: 'spec.templates', message: 'Required value' },
    ];
    const onRequest = answering(422, { reason: 'Invalid', message: 'Workflow is invalid', details: { causes } });
    const answer = await validate(aTemplate(), { onRequest });
    expect(answer.body.response?.status?.details.causes).toEqual([
      expect.objectContaining({
        field: 'spec.manifest',
        message: 'spec.templates[0].container.image: Invalid value: "integer"',
      }),
      expect.objectContaining({ field: 'spec.manifest', message: 'spec.templates: Required value' }),
    ]);
  });

  it.each([
    ['Argo is not installed', answering(404, '404 page not found'), 'Argo Workflows is not installed'],
    ['Aegis has no right to', answering(403, { reason: 'Forbidden', message: 'aegis cannot' }), 'aegis cannot'],
    ['the namespace is not there', answering(404, { reason: 'NotFound', message: 'namespaces "x"' }), 'namespaces "x"'],
    ['the API server is busy', answering(429, { reason: 'TooManyRequests', message: 'slow down' }), 'slow down'],
    [
      'another webhook has side effects',
      answering(400, { reason: 'BadRequest', message: 'admission webhook "x" does not support dry run' }),
      'does not support dry run',
    ],
  ])('a template is admitted with a warning when %s', async (_, onRequest, why) => {
    const answer = await validate(aTemplate(), { onRequest });
    expect(answer.body.response).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining(`spec.manifest: no dry run of the Workflow: `)],
    });
    expect(answer.body.response?.warnings?.[0]).toContain(why);
  });

  it('a template is admitted when a Workflow with the name of the dry run exists', async () => {
    const answer = await validate(aTemplate(), {
      onRequest: answering(409, { reason: 'AlreadyExists', message: 'taken' }),
    });
    expect(answer.body.response).toEqual({ uid: expect.any(String), allowed: true });
  });

  it('a template is admitted with warnings about ignored fields', async () => {
    const manifest = containerManifest().replace('kind: Workflow', 'kind: Workflow\nmetadata: {finalizers: [x]}');
    const answer = await validate(templateWith(manifest, { generateName: 'x-' }));
    expect(answer.body.response).toMatchObject({
      allowed: true,
      warnings: [
        expect.stringContaining('spec.generateName has no effect'),
        'spec.manifest: metadata.finalizers is ignored',
      ],
    });
  });
});

describe('the author of a template', () => {
  const asked: ResourceAttributes[] = [];
  const mayIn =
    (...namespaces: string[]) =>
    (attributes: ResourceAttributes): boolean => {
      asked.push(attributes);
      return namespaces.includes(attributes.namespace);
    };
  afterEach(() => {
    asked.length = 0;
  });

  it('the user of a template needs the right to create Workflows in the namespace of the template', async () => {
    const answer = await validate(aTemplate({ spec: { namespace: 'argo' } }), { may: mayIn('monitoring', '') });
    expect(asked).toEqual([
      { verb: 'create', group: 'argoproj.io', version: 'v1alpha1', resource: 'workflows', namespace: 'argo', name: '' },
    ]);
    expect(answer.body.response?.status).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(answer.body.response?.status?.message).toContain(
      'you may not create workflows.argoproj.io in the namespace argo',
    );
    expect(await admission.review(aegisOpsTemplates, aTemplate({ spec: { namespace: 'monitoring' } }))).toMatchObject({
      body: { response: { allowed: true } },
    });
  });

  it('the user of a template without namespace needs the right to create Workflows in all namespaces', async () => {
    const answer = await validate(aTemplate(), { may: mayIn('monitoring') });
    expect(asked.map(({ namespace }) => namespace)).toEqual(['']);
    expect(fieldsOf(answer)).toEqual(['spec.namespace']);
    expect(answer.body.response?.status?.message).toContain('set a namespace where you may create them');
  });

  it('the user of a template needs the right in its own namespace when rules are restricted to their namespace', async () => {
    const answer = await validate(aTemplate(), { may: mayIn('monitoring'), ruleScope: 'Namespace' });
    expect(asked.map(({ namespace }) => namespace)).toEqual(['monitoring']);
    expect(answer.body.response?.allowed).toBe(true);
  });

  it('a user without the right to create Workflows gets no dry run, but all other problems', async () => {
    const answer = await validate(templateWith('kind: Pod'), { may: () => false });
    expect(fieldsOf(answer)).toContain('spec.manifest');
    expect(answer.body.response?.status).toMatchObject({ code: 422 });
    expect(await admission.review(aegisOpsTemplates, aTemplate())).toMatchObject({
      body: { response: { allowed: false } },
    });
    expect(admission.requests).toEqual([]);
  });
});
