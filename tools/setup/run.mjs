#!/usr/bin/env node
// Plain JavaScript for any Node.js from 18 on: this is what runs before anything is installed.
import { main } from './src/main.mjs';

process.exitCode = await main(process.argv.slice(2));
