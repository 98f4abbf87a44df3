#!/usr/bin/env node
import { Output } from './output.ts';
import { runProgram } from './program.ts';

process.exit(await runProgram(process.argv.slice(2), new Output(process.stdout)));
