import { addCommonFlags, commonFlagValues, loadConfig, runUntilStopped } from '@guaita/service';
import type { Command } from 'commander';
import { sections } from '../sections.ts';
import type { Output } from '../output.ts';
import { reachable } from './own-broker.ts';
import { LiveView } from './live-view.ts';
import { logBesideView } from './reader.ts';
import type { Shell } from './shell.ts';

interface WatchOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly alerts?: boolean;
}

/** Adds `guaita watch`: follows a broker's audience. */
export function addWatch(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('watch'))
    .description('Follow a broker: a line per change, a summary every minute.')
    .option('--json', 'one JSON object a line, for programs')
    .option('--alerts', 'alerts and their ends only, first those that are open')
    .addHelpText(
      'after',
      `
Examples:
  guaita watch
  guaita watch --alerts
  guaita watch --broker mqtt://pi-1.lan:1883 --json
  GUAITA_MQTT_USERNAME=reader GUAITA_MQTT_PASSWORD_FILE=secret guaita watch --broker mqtts://pi-1.lan:8883`,
    )
    .action(async (options: WatchOptions & Record<string, unknown>) => {
      exit(await watch(options, output));
    });
}

async function watch(options: WatchOptions & Record<string, unknown>, output: Output): Promise<number> {
  const config = loadConfig({ definitions: sections, file: options.config, flags: commonFlagValues(options) });
  const common = reachable(config);
  const log = logBesideView(config);
  const { json = false, alerts: alertsOnly = false } = options;
  return runUntilStopped(async (signal) => {
    const view = new LiveView({ common, purpose: 'watch', json, alertsOnly, output, log });
    try {
      await view.start(signal);
    } catch (error) {
      await view.stop();
      throw error;
    }
    return { stop: () => view.stop(), done: output.closed };
  }, log);
}
