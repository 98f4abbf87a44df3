import { Command } from 'commander';
import { describeMachine, formatTable, type BenchResult } from './report.ts';

/** What a bench is given. */
export interface BenchOptions {
  /** Tells people how far it is; goes to stderr. */
  readonly progress: (line: string) => void;
  /** AntidoteDB servers, `host:port`, each of another data centre; none unless given. */
  readonly antidote: readonly string[];
  /** How many devices, where the bench can do with more or fewer. */
  readonly devices: number | undefined;
  /** Of how many days, where history is measured. */
  readonly days: number | undefined;
  /** Where the first of the AntidoteDB servers keeps its log. */
  readonly antidoteData: string | undefined;
}

/** Each bench is loaded only when it runs. */
const benches: Readonly<Record<string, () => Promise<(options: BenchOptions) => Promise<BenchResult>>>> = {
  alert: async () => (await import('./alert.ts')).benchAlert,
  assignment: async () => (await import('./assignment.ts')).benchAssignment,
  idle: async () => (await import('./idle.ts')).benchIdle,
  page: async () => (await import('./page.ts')).benchPage,
  ping: async () => (await import('./ping.ts')).benchPing,
  snmp: async () => (await import('./snmp.ts')).benchSnmp,
  storage: async () => (await import('./storage.ts')).benchStorage,
  takeover: async () => (await import('./takeover.ts')).benchTakeover,
};

const command: Command = new Command('bench')
  .description('Measures Guaita beside what people would use instead, in one run on this machine.')
  .argument('[names...]', `which: ${Object.keys(benches).join(', ')} (default: all, one after the other)`)
  .option('--json', 'one JSON object per bench on stdout')
  .option('--antidote <HOST:PORT,…>', 'takeover, idle: AntidoteDB servers, each of another data centre', list, [])
  .option('--antidote-data <DIR>', 'idle: where the first of these servers keeps its log')
  .option('--devices <N>', 'alert, takeover, idle, page, storage: how many devices', Number)
  .option('--days <N>', 'storage: how many days', Number)
  .addHelpText('after', '\nExamples:\n  npm run bench -- ping\n  npm run bench -- snmp --json')
  .parse();

interface Options {
  readonly json?: boolean;
  readonly antidote: readonly string[];
  readonly antidoteData?: string;
  readonly devices?: number;
  readonly days?: number;
}
const { json = false, antidote, antidoteData, devices, days } = command.opts<Options>();
const names = command.args.length > 0 ? command.args : Object.keys(benches);
const machine = describeMachine();
for (const name of names) {
  const load = benches[name];
  if (load === undefined) {
    command.error(`error: no bench is called "${name}"; there are ${Object.keys(benches).join(', ')}`, { exitCode: 2 });
  }
  const run = await load();
  const progress = (line: string): void => void process.stderr.write(`bench ${name}: ${line}\n`);
  const result = await run({ progress, antidote, antidoteData, devices, days });
  const output = json ? JSON.stringify({ bench: name, machine, ...result }) : formatTable(name, machine, result);
  process.stdout.write(`${output}\n`);
}

function list(text: string): string[] {
  return text.split(',').filter((item) => item !== '');
}
