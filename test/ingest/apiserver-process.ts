/** The apiserver role as a process of its own, without the command line around it. */
import { runApiserver } from '../../apiserver/main.ts';

process.exitCode = await runApiserver(process.argv.slice(2), process.env);
