#!/usr/bin/env -S node --
// Without the two dashes, Node up to version 20 takes an --env-file of this program for its own option.
import { runCli } from './cli/run.ts';

process.exitCode = await runCli(process.argv.slice(2));
