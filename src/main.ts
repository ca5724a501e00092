#!/usr/bin/env -S node --
// The two dashes are needed up to Node 20, where `node` takes any later --env-file for its own option.
import { runCli } from './cli/run.ts';

process.exitCode = await runCli(process.argv.slice(2));
