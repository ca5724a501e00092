#!/usr/bin/env -S node --
// Without `--`, Node up to version 20 treats --env-file of this program as an option of Node.
import { runCli } from './cli/run.ts';

process.exitCode = await runCli(process.argv.slice(2));
