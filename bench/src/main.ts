import { Command } from 'commander';
import { describeMachine, formatTable, type BenchResult } from './report.ts';

/** What a bench is given. */
export interface BenchOptions {
  /** Tells people how far it is; goes to stderr. */
  readonly progress: (line: string) => void;
}

/** Each bench is loaded only when it runs. */
const benches: Readonly<Record<string, () => Promise<(options: BenchOptions) => Promise<BenchResult>>>> = {
  assignment: async () => (await import('./assignment.ts')).benchAssignment,
  ping: async () => (await import('./ping.ts')).benchPing,
  snmp: async () => (await import('./snmp.ts')).benchSnmp,
};

const command: Command = new Command('bench')
  .description('Measures Guaita beside what people would use instead, in one run on this machine.')
  .argument('[names...]', `which: ${Object.keys(benches).join(', ')} (default: all, one after the other)`)
  .option('--json', 'one JSON object per bench on stdout')
  .addHelpText('after', '\nExamples:\n  npm run bench -- ping\n  npm run bench -- snmp --json')
  .parse();

const { json = false } = command.opts<{ json?: boolean }>();
const names = command.args.length > 0 ? command.args : Object.keys(benches);
const machine = describeMachine();
for (const name of names) {
  const load = benches[name];
  if (load === undefined) {
    command.error(`error: no bench is called "${name}"; there are ${Object.keys(benches).join(', ')}`, { exitCode: 2 });
  }
  const run = await load();
  const result = await run({ progress: (line) => process.stderr.write(`bench ${name}: ${line}\n`) });
  const output = json ? JSON.stringify({ bench: name, machine, ...result }) : formatTable(name, machine, result);
  process.stdout.write(`${output}\n`);
}
