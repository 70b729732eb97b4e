import { processContext, type CommandContext } from '../../cli/config.ts';

/** An environment of a command that is empty but for the overrides, and what the command wrote. */
export function createCommandContext(overrides: Partial<CommandContext> = {}) {
  const written = { out: '', err: '' };
  const context: CommandContext = {
    ...processContext(),
    env: {},
    print: (text) => {
      written.out += text;
    },
    complain: (text) => {
      written.err += text;
    },
    ...overrides,
  };
  return { context, written };
}
