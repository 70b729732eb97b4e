import type { Command } from 'commander';
import type { CommandContext } from './config.ts';

/** Makes one command of `aegis`; `onExit` gets its exit code. */
export type CommandFactory = (context: CommandContext, onExit: (code: number) => void) => Command;
