import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SetupError } from './setup-error.mjs';

/** @type {readonly NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/**
 * Runs a program on our own terminal, hands signals on to it and waits for its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} its exit code; 128 + the signal's number when a signal ended it, as shells say it
 */
export function runProgram(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: 'inherit' });
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      // Ctrl-C and Ctrl-\ at a terminal go to everybody in its group: the child has got them already.
      if (process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT')) return;
      child.kill(signal);
    };
    const stop = () => FORWARDED.forEach((signal) => process.off(signal, forward));
    FORWARDED.forEach((signal) => process.on(signal, forward));
    child.once('error', (cause) => {
      stop();
      reject(new SetupError(`cannot run ${program}: ${cause.message}`, { cause }));
    });
    child.once('exit', (code, signal) => {
      stop();
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
