import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { CommandFactory } from '../command.ts';

export const versionCommand: CommandFactory = ({ print }) =>
  new Command('version').description('Print the version.').action(() => {
    print(`aegis ${manifest.version} (node ${process.versions.node})\n`);
  });
