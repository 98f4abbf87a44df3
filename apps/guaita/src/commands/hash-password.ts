import { EXIT } from '@guaita/service';
import type { Command } from 'commander';
import { text } from 'node:stream/consumers';
import { hashPassword } from '../broker/index.ts';
import type { Shell } from './shell.ts';

/** Adds `guaita hash-password`: the password comes by standard input, so that it is in no process list or history. */
export function addHashPassword(program: Command, { output, exit }: Shell): void {
  program
    .command('hash-password')
    .description('Print the hash of a password for broker.users in guaita.yaml; reads it from standard input.')
    .addHelpText('after', "\nExample:\n  printf %s 'correct horse' | guaita hash-password")
    .action(async () => {
      const password = (await text(process.stdin)).replace(/\r?\n$/, '');
      if (password === '') {
        process.stderr.write("no password on standard input; give one: printf %s 'secret' | guaita hash-password\n");
        exit(EXIT.usage);
        return;
      }
      output.print(await hashPassword(password));
    });
}
