import {
  addCommonFlags,
  ConfigError,
  describeConfig,
  EXIT,
  problemText,
  sectionOf,
  type Config,
} from '@guaita/service';
import { assign } from '@guaita/assign';
import { serfPublisher } from '@guaita/serf-publisher';
import type { Command } from 'commander';
import { checkAntidote } from '../doctor/antidote.ts';
import { checkBroker } from '../doctor/broker.ts';
import { checkOwnBroker } from '../doctor/own-broker.ts';
import { examine, renderFindings, type Check, type Finding } from '../doctor/finding.ts';
import { checkData, checkFiles, checkFping, checkNode, checkTime } from '../doctor/host.ts';
import { checkInventory } from '../doctor/inventory.ts';
import { checkPort } from '../doctor/network.ts';
import { checkSerf } from '../doctor/serf.ts';
import { brokerSection } from '../sections.ts';
import type { Output } from '../output.ts';
import { checkCertificate } from '../doctor/certificate.ts';
import { bringsBroker, reachable } from './own-broker.ts';
import type { Shell } from './shell.ts';
import { inventoryOf, loadUpConfig } from './up.ts';

interface DoctorOptions extends Record<string, unknown> {
  readonly json?: boolean;
  readonly showConfig?: boolean;
}

/** Adds `guaita doctor`: looks at what a monitor needs, and says what to do. */
export function addDoctor(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('doctor'))
    .description(
      'Look at what a monitor needs here: fping, rights, time, broker, AntidoteDB, Serf, ports, files; say what to do.',
    )
    .option('--devices <FILE>', 'the inventory to look at')
    .option('--mqtt-port <N>', 'the port of the embedded broker')
    .option('--antidote <HOST:PORT,…>', 'the AntidoteDB servers to look at')
    .option('--serf <HOST:PORT>', 'the Serf agent to ask')
    .option('--show-config', 'print every setting in effect and where it comes from; secrets are hidden')
    .option('--json', 'one JSON object with all findings')
    .addHelpText(
      'after',
      '\nExamples:\n  guaita doctor\n  guaita doctor --config /etc/guaita.yaml --show-config\n\nExit code 1 when something failed.',
    )
    .action(async (options: DoctorOptions) => {
      exit(await doctor(options, output));
    });
}

async function doctor(options: DoctorOptions, output: Output): Promise<number> {
  const { json = false, showConfig = false } = options;
  const { config, findings: mistakes } = read(options);
  const findings = [...mistakes, ...(await examine(checksFor(config)))];
  const settings = config === undefined || !showConfig ? [] : describeConfig(config);
  if (json) {
    output.print(JSON.stringify({ findings, ...(showConfig ? { settings } : {}) }));
  } else {
    for (const line of [...renderFindings(findings), ...settings]) output.print(line);
  }
  return findings.some(({ level }) => level === 'failure') ? EXIT.failure : EXIT.ok;
}

/** The configuration, or its mistakes as findings. */
function read(options: DoctorOptions): { config: Config | undefined; findings: Finding[] } {
  try {
    const config = loadUpConfig(options);
    return {
      config,
      findings: [{ check: 'configuration', level: 'ok', detail: 'guaita.yaml, variables and flags are right' }],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map((problem): Finding => {
      const { mend } = problem;
      return { check: 'configuration', level: 'failure', detail: problemText(problem), mend };
    });
    return { config: undefined, findings };
  }
}

function checksFor(config: Config | undefined): Record<string, Check> {
  const host = { node: checkNode(process.version), fping: checkFping, time: checkTime, files: checkFiles };
  if (config === undefined) return host;
  const common = reachable(config);
  return {
    ...host,
    data: checkData(common.data),
    inventory: checkInventory(inventoryOf(config), common.monitor),
    broker: bringsBroker(config)
      ? checkOwnBroker(sectionOf(config, brokerSection), common, Math.random)
      : checkBroker(common, Math.random),
    antidote: checkAntidote(sectionOf(config, assign).antidote.addresses),
    serf: checkSerf(sectionOf(config, serfPublisher).serf),
    http: checkPort('http port', common.http.host, common.http.port, '--http-port'),
    certificate: checkCertificate(common.http, Date.now()),
  };
}
