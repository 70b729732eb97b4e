#!/usr/bin/env node
import { keepYoungGenerationSmall } from '../process/memory.ts';
import { processContext } from './config.ts';
import { runCli } from './program.ts';

keepYoungGenerationSmall();
process.exit(await runCli(process.argv.slice(2), processContext()));
