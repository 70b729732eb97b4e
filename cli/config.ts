/** What a command needs of its surroundings; tests pass their own. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes to standard output; what the command was asked for. */
  readonly print: (text: string) => void;
  /** Writes to standard error; what people should know. */
  readonly complain: (text: string) => void;
}

/** The surroundings of this process; the only place where commands get the environment from. */
export function processContext(): CommandContext {
  return {
    env: process.env,
    print: (text) => {
      process.stdout.write(text);
    },
    complain: (text) => {
      process.stderr.write(text);
    },
  };
}
