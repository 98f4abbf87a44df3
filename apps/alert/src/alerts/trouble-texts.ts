import type { Id, Trouble } from '@guaita/model';
import { listed } from '../listed.ts';
import type { Matter } from './reports.ts';
import { sinceText } from './texts.ts';

/** `Router 1 loses 33 % of pings since 12:03 UTC, seen from a and b`. */
export function troubleText(name: string, trouble: Trouble, monitors: readonly Id[], wall_ms: number): string {
  const since = sinceText(trouble.since, wall_ms);
  return `${what(name, trouble)} ${since}, seen from ${listed(monitors)}`;
}

function what(name: string, { kind, part = '', value, usual }: Trouble): string {
  const figure = value === undefined ? '' : String(value);
  switch (kind) {
    case 'loss':
      return `${name} loses ${figure} % of pings`;
    case 'latency':
      return `${name} answers in ${figure} ms instead of the usual ${usual} ms`;
    case 'interface-down':
      return `Interface ${part} of ${name} is down`;
    case 'utilisation':
      return `Interface ${part} of ${name} is ${figure} % busy`;
    case 'errors':
      return `Interface ${part} of ${name} has ${figure} errors a second`;
    case 'reboot':
      return `${name} has restarted, and runs`;
  }
}

/** What ends an alert on what is measured of a device. */
export function troubleEndText(name: string, { kind, part = '' }: Matter): string {
  switch (kind) {
    case 'loss':
      return `${name} no longer loses pings`;
    case 'latency':
      return `${name} answers as fast as usual`;
    case 'interface-down':
      return `Interface ${part} of ${name} is no longer down`;
    case 'utilisation':
      return `Interface ${part} of ${name} is no longer that busy`;
    case 'errors':
      return `Interface ${part} of ${name} no longer has that many errors`;
    case 'reboot':
      return `${name} has been running since its restart`;
  }
}
