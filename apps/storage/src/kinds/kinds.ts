import { alert } from './alert.ts';
import { interfaces } from './interface.ts';
import { ping } from './ping.ts';
import { sensor } from './sensor.ts';
import { snmp } from './snmp.ts';
import { verdict } from './verdict.ts';

/** Every kind of row that is kept, by its name. */
export const kinds = { ping, snmp, interface: interfaces, sensor, verdict, alert } as const;

export type KindName = keyof typeof kinds;

/** The kinds’ names. */
export const kindNames = Object.keys(kinds) as KindName[];
