import { aegisAlerts, type AegisAlert } from '../../../crds/alert.ts';
import { aegisOpsTemplates } from '../../../crds/ops-template.ts';
import { RenderRequest, RenderResult } from '../../../crds/subresources/render.ts';
import { subresourceVersion } from '../../../crds/subresources/subject.ts';
import { problemViews } from '../../../remediation/views/preview.ts';
import { subjectOf } from '../../../remediation/views/subject.ts';
import { renderTemplate } from '../../../remediation/render/index.ts';
import { subresourceGroup } from '../../../crds/subresources/group.ts';
import type { Call, Subresource } from '../../kubeapi/api.ts';
import { requireAccess } from '../authz/authorize.ts';
import { findObject, lookUp } from '../objects/find.ts';
import { invalid } from '../../kubeapi/status.ts';
import type { ReadContext } from './read-context.ts';

/** `aegisopstemplates/{name}/render`: renders a template; nothing is created. */
export function templateRender(context: ReadContext): Subresource {
  const { authorizer, alerts, templates, compileTemplate } = context;

  async function alertFor({ alert: name }: RenderRequest, call: Call): Promise<AegisAlert> {
    if (name === undefined) return emptyAlert(call.namespace);
    const key = { namespace: call.namespace, name };
    await requireAccess(authorizer, call, { verb: 'get', type: aegisAlerts, ...key });
    const found = await lookUp(alerts, key, call.signal);
    if (found !== undefined) return found.object;
    throw invalid({ group: subresourceGroup, resource: 'aegisopstemplates', kind: 'RenderRequest', name: call.name }, [
      { reason: 'FieldValueNotFound', field: 'alert', message: `there is no alert ${key.namespace}/${name}` },
    ]);
  }

  async function render(call: Call): Promise<RenderResult> {
    const request = (call.body ?? {}) as RenderRequest;
    await requireAccess(authorizer, call, {
      verb: 'get',
      type: aegisOpsTemplates,
      namespace: call.namespace,
      name: call.name,
    });
    const { object: template } = await findObject(templates, call, call.signal);
    const alert = await alertFor(request, call);
    const compiled = compileTemplate(template);
    const { parameters } = request;
    const rendered = renderTemplate({ alert, template, ...(parameters && { parameters }) }, compileTemplate);
    return {
      apiVersion: subresourceVersion,
      kind: 'RenderResult',
      metadata: subjectOf(template),
      ok: rendered.ok,
      problems: rendered.ok ? [] : problemViews(rendered.problems),
      variables: compiled.ok ? compiled.compiled.variables : compiled.variables,
      warnings: rendered.ok ? rendered.warnings : [],
      ...(request.alert !== undefined && { alert: request.alert }),
      ...(rendered.ok && { workflow: { ...rendered.workflow } }),
    };
  }

  return {
    name: 'render',
    kind: 'RenderResult',
    create: {
      summary: 'Renders the template, for an alert or with parameters alone. Nothing is created.',
      request: RenderRequest,
      requestKind: 'RenderRequest',
      response: RenderResult,
      responseKind: 'RenderResult',
      handle: async (call) => ({ code: 200, object: await render(call) }),
    },
  };
}

/** Returns an alert without data: every variable must come from a parameter or a default. */
function emptyAlert(namespace: string): AegisAlert {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: { name: '', namespace },
    spec: { type: '', status: 'Firing', trust: 'Parsed' },
  };
}
