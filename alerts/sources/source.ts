import type { AlertSource } from '../../crds/alert.ts';
import type { ParseContext, ParsedPayload } from '../incoming.ts';

/** A kind of sender: where it posts to and how its payloads are read. */
export interface Source {
  readonly name: AlertSource;
  readonly paths: readonly string[];
  /** Media types that are taken, in lower case; a request without any is taken as well. */
  readonly contentTypes: readonly string[];
  /** Reads a decoded JSON body. Pure; never throws, whatever the body. */
  parse(body: unknown, context: ParseContext): ParsedPayload;
}

/** `curl -d` says "form" unless told otherwise, and the users of the original send its examples that way. */
export const jsonContentTypes = ['application/json', 'application/x-www-form-urlencoded'] as const;
