import { redactText } from './redaction.ts';

/** The fields of an error in a log line, without headers, bodies and options that libraries attach to errors. */
export interface ErrorFields {
  type: string;
  message: string;
  stack?: string;
  code?: string | number;
  status?: number;
  cause?: ErrorFields;
  errors?: ErrorFields[];
}

/** Deeper causes are left out. */
const maxDepth = 4;

/** Returns the loggable part of a thrown value; never credentials. */
export function errorFields(thrown: unknown, depth = 0): ErrorFields {
  if (!isError(thrown)) return { type: typeof thrown, message: redactText(describe(thrown)) };
  const { code, status, cause, errors } = thrown as Error & Record<'code' | 'status' | 'errors', unknown>;
  const deeper = depth < maxDepth;
  return {
    type: thrown.name,
    message: redactText(thrown.message),
    ...(thrown.stack === undefined ? {} : { stack: redactText(thrown.stack) }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(cause === undefined || !deeper ? {} : { cause: errorFields(cause, depth + 1) }),
    ...(Array.isArray(errors) && deeper
      ? { errors: errors.slice(0, 8).map((one) => errorFields(one, depth + 1)) }
      : {}),
  };
}

/** Returns the message of an error and of its cause in one line. */
export function errorMessage(thrown: unknown): string {
  const { message, type, cause, errors } = errorFields(thrown);
  const own = message === '' ? (errors?.[0]?.message ?? type) : message;
  return cause === undefined || own.includes(cause.message) ? own : `${own}: ${cause.message}`;
}

/** Returns true also for errors of another realm, such as those of Node's modules in a test runner's context. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
}

function describe(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  return `thrown value of type ${typeof thrown} that is not an Error`;
}
