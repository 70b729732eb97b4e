import type { RenderProblem } from '../../../remediation/render/index.ts';
import { TriggerRequest } from '../../../crds/subresources/trigger.ts';
import { subresourceGroup } from '../../../crds/subresources/group.ts';
import { badRequest, invalid, type StatusCause, type StatusError } from '../../kubeapi/status.ts';

/** Query parameters of GET, for OpenAPI. */
export const triggerParameters = {
  rule: 'As `rule` of the body of POST.',
  template: 'As `template` of the body of POST.',
  parameter: 'One of `parameters` of the body of POST, as name=value; may be repeated.',
} as const;

/** Reads a request from the query, as POST reads it from the body. @throws StatusError 400, 422 */
export function requestOfQuery(query: URLSearchParams, alert: string): TriggerRequest {
  const single = (name: string): Record<string, string> => {
    const values = query.getAll(name);
    if (values.length > 1) throw badRequest(`${name} must not be given more than once`);
    return values[0] === undefined ? {} : { [name]: values[0] };
  };
  const given = query.getAll('parameter').map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at < 1) throw badRequest('parameter must be name=value');
    return [text.slice(0, at), text.slice(at + 1)];
  });
  const names = given.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw badRequest(`parameter ${JSON.stringify(twice)} must not be given more than once`);
  const parameters = given.length === 0 ? {} : { parameters: Object.fromEntries(given) };
  const parsed = TriggerRequest.safeParse({ ...single('rule'), ...single('template'), ...parameters });
  if (parsed.success) return parsed.data;
  throw invalidRequest(
    alert,
    parsed.error.issues.map(({ path, message }) => ({
      reason: 'FieldValueInvalid',
      field: path.join('.'),
      message,
    })),
  );
}

/** 422: the request is invalid. */
export function invalidRequest(alert: string, causes: readonly StatusCause[]): StatusError {
  return invalid({ group: subresourceGroup, resource: 'aegisalerts', kind: 'TriggerRequest', name: alert }, causes);
}

/** Returns render problems as causes: of a given parameter, else of the template. */
export function causesOf(problems: readonly RenderProblem[], { parameters = {} }: TriggerRequest): StatusCause[] {
  return problems.map(({ variable, message }) => {
    const given = variable !== undefined && Object.hasOwn(parameters, variable);
    return {
      reason: 'FieldValueInvalid',
      message,
      field: given ? `parameters.${variable}` : 'template',
    };
  });
}
