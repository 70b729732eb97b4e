import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { CommandFactory } from '../command-factory.ts';

export const versionCommand: CommandFactory = ({ print }) =>
  new Command('version').description('Prints the version.').action(() => {
    print(`aegis ${manifest.version} (node ${process.versions.node})\n`);
  });
