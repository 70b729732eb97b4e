#!/usr/bin/env node
import { leaveOutModels } from '../kube/client/lean-client-node.ts';
import { keepHeapSmall } from '../process/memory.ts';
import { processContext } from './config.ts';
import { runCli } from './program.ts';

keepHeapSmall();
leaveOutModels();
process.exit(await runCli(process.argv.slice(2), processContext()));
