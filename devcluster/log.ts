/** Takes one line of progress for the user; the caller decides where it goes (stderr, a test's buffer, nowhere). */
export type Log = (line: string) => void;

/** A log for callers that do not want progress. */
export const silent: Log = () => undefined;
