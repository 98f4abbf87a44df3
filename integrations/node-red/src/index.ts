import { registerAlert } from './alert/alert-node.ts';
import { registerBroker } from './broker/broker-node.ts';
import { registerCalendar } from './calendar/calendar-node.ts';
import { registerCommand } from './command/command-node.ts';
import { registerDevice } from './device/device-node.ts';
import { registerHistory } from './history/history-node.ts';
import type { Red } from './red.ts';

/** What Node-RED calls when it loads the package. */
export default function register(RED: Red): void {
  const all = [registerBroker, registerAlert, registerDevice, registerHistory, registerCommand, registerCalendar];
  for (const each of all) each(RED);
}
