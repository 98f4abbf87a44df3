import { styleText } from 'node:util';
import { printable } from '../printable.ts';
import type { LiveEvent } from './events.ts';
import { formatRtt } from './narrator.ts';

type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

export interface RenderOptions {
  readonly colour: boolean;
  /** The monitor whose name goes without saying. */
  readonly self?: string;
}

const STATE_COLOURS: Readonly<Record<string, Colour>> = { up: 'green', down: 'red', online: 'green', offline: 'red' };

/** One line for people. */
export function renderEvent(event: LiveEvent, options: RenderOptions): string {
  const time = paint(options, 'dim', localTime(event.at));
  if (event.event === 'summary') return `${time}  ${renderSummary(event, options)}`;
  if (event.event === 'alert') return `${time}  ${renderAlert(event, options)}`;
  const at = event.monitor === options.self ? '' : paint(options, 'dim', ` (seen by ${event.monitor})`);
  switch (event.event) {
    case 'device': {
      const { state, device, address, check, detail } = event;
      const where = check === 'snmp' ? `${address ?? '-'} snmp` : (address ?? '-');
      return `${time}  ${word(options, state)} ${device.padEnd(24)} ${printable(where).padEnd(22)} ${printable(detail)}${at}`;
    }
    case 'interface': {
      const { state, device, interface: name, previous } = event;
      return `${time}  ${word(options, state)} ${device.padEnd(24)} interface ${printable(name)}, was ${previous}${at}`;
    }
    case 'service':
      return `${time}  ${word(options, event.state)} service ${event.service} of ${event.monitor}`;
    case 'monitor':
      return event.isolated
        ? `${time}  ${word(options, 'isolated')} ${event.monitor} reaches none of its anchors: what it sees of devices does not count`
        : `${time}  ${word(options, 'online')} ${event.monitor} reaches its anchors again`;
  }
}

function renderAlert(
  { severity, kind, text, resolves }: Extract<LiveEvent, { event: 'alert' }>,
  options: RenderOptions,
): string {
  const colour = resolves ? 'green' : severity === 'critical' ? 'red' : 'yellow';
  return `${paint(options, colour, (resolves ? 'resolved' : severity).padEnd(8))} ${kind.padEnd(16)} ${printable(text)}`;
}

function renderSummary(event: Extract<LiveEvent, { event: 'summary' }>, options: RenderOptions): string {
  const { monitors, devices, observations, rtt_median_ms } = event;
  const total = devices.up + devices.down + devices.unknown;
  const parts = [
    counted(total, 'device'),
    `${devices.up} up`,
    paintIf(devices.down > 0, options, 'red', `${devices.down} down`),
    paintIf(devices.unknown > 0, options, 'yellow', `${devices.unknown} unknown`),
    counted(monitors, 'monitor'),
    counted(observations, 'observation'),
    ...(rtt_median_ms === null ? [] : [`median round trip ${formatRtt(rtt_median_ms)}`]),
  ];
  return `${paint(options, 'bold', 'summary ')} ${parts.join(' · ')}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A state in its colour, wide enough that lines align. */
function word(options: RenderOptions, state: string): string {
  return paint(options, STATE_COLOURS[state] ?? 'yellow', state.padEnd(8));
}

function paintIf(condition: boolean, options: RenderOptions, colour: Colour, text: string): string {
  return condition ? paint(options, colour, text) : text;
}

function paint({ colour: enabled }: RenderOptions, colour: Colour, text: string): string {
  return enabled ? styleText(colour, text, { validateStream: false }) : text;
}

/** `HH:MM:SS` in this machine's zone: what a person at the terminal compares with the clock on the wall. */
function localTime(at: string): string {
  return new Date(at).toTimeString().slice(0, 8);
}
