import { type StatusError, invalid, type Named, type Status, type StatusCause } from '../kubeapi/status.ts';
import type { ValidationResult } from './result.ts';

/** Answer to a review of v1. A validating webhook never sends a patch. */
export interface AdmissionReviewResponse {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: Status;
    readonly warnings?: readonly string[];
  };
}

/** Longer lists and texts do not fit on a screen, and longer warning headers are dropped by proxies. */
const most = { causes: 50, message: 1_024, warnings: 16, warning: 256 } as const;

/** Returns the answer for the result of a validator. */
export function respond(uid: string, named: Named & { kind: string }, { causes, warnings }: ValidationResult) {
  const status = causes.length === 0 ? undefined : refusal(named, causes);
  return review(uid, status, warnings);
}

/** Returns a refusal of an object that could not be validated. */
export function undecided(uid: string, { status }: StatusError): AdmissionReviewResponse {
  return review(uid, status, []);
}

function review(uid: string, status: Status | undefined, warnings: readonly string[]): AdmissionReviewResponse {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: status === undefined,
      ...(status === undefined ? {} : { status }),
      ...(warnings.length === 0
        ? {}
        : { warnings: warnings.slice(0, most.warnings).map((warning) => oneLine(warning, most.warning)) }),
    },
  };
}

/** Returns 403 when only rights are missing, otherwise 422; both with all problems. */
function refusal(named: Named & { kind: string }, all: readonly StatusCause[]): Status {
  const causes = all
    .slice(0, most.causes)
    .map((cause) => ({ ...cause, message: oneLine(cause.message, most.message) }));
  if (all.length > causes.length) {
    causes.push({ reason: 'FieldValueInvalid', message: `and ${all.length - causes.length} more` });
  }
  const { status } = invalid(named, causes);
  if (!all.every(({ reason }) => reason === 'FieldValueForbidden')) return status;
  return {
    ...status,
    code: 403,
    reason: 'Forbidden',
    message: status.message.replace(' is invalid: ', ' is forbidden: '),
  };
}

/** Returns text of a user on one line, without characters that a terminal would interpret. */
function oneLine(text: string, length: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').toWellFormed();
  return line.length <= length ? line : `${line.slice(0, length - 1).toWellFormed()}…`;
}
