type Log = (fields: object, message: string) => void;

/** What this room needs of a logger; pino's fits. Messages are static, what varies goes into fields. */
export interface Logger {
  debug: Log;
  info: Log;
  warn: Log;
  error: Log;
}
