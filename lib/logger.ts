interface Log {
  (fields: object, message: string): void;
  (message: string): void;
}

/** The part of pino's logger that Aegis uses. Messages are static; variable data goes into fields. */
export interface Logger {
  debug: Log;
  info: Log;
  warn: Log;
  error: Log;
  fatal: Log;
  /** Returns a logger that adds these fields to each line; `redact` replaces the paths whose values are hidden. */
  child(fields: object, options?: { redact: string[] }): Logger;
}
