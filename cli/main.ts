#!/usr/bin/env node
import { processContext } from './config.ts';
import { runCli } from './program.ts';

process.exit(await runCli(process.argv.slice(2), processContext()));
