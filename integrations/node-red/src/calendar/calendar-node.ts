import type { Red } from '../red.ts';
import { textOf } from '../words.ts';
import { goingOn } from './calendar.ts';
import { zoneOfHere } from './zones.ts';

/** The dialog of a calendar node. Node-RED keeps numbers as text where a person typed them. */
interface CalendarNodeConfig {
  readonly zone: string;
  readonly ahead: number | string;
}

/** Registers *guaita calendar*, which tells what is going on by an iCalendar. */
export function registerCalendar(RED: Red): void {
  RED.nodes.registerType<CalendarNodeConfig>('guaita-calendar', function (config) {
    RED.nodes.createNode(this, config);
    const zone = textOf(config.zone) || zoneOfHere();
    const ahead_ms = Number(config.ahead) * 60_000;
    let warned = '';
    this.on('input', (message, send, done) => {
      try {
        const { occurrences, passedOver } = goingOn(message['payload'], Date.now(), { ahead_ms, zone });
        // A calendar is read again and again: what is wrong with it is said once.
        const warning = passedOver.join('\n');
        if (warning !== '' && warning !== warned) this.warn(`passed over: ${warning}`);
        warned = warning;
        this.status({
          fill: passedOver.length > 0 ? 'yellow' : 'green',
          shape: occurrences.length > 0 ? 'dot' : 'ring',
          text: `${occurrences.length} now${passedOver.length > 0 ? `, ${passedOver.length} passed over` : ''}`,
        });
        send({ ...message, payload: occurrences });
        done();
      } catch (error) {
        this.status({ fill: 'red', shape: 'ring', text: 'no calendar' });
        done(error as Error);
      }
    });
  });
}
