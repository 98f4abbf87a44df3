import { ENTITY, HR, IF, SENSOR, SNMP_ENGINE_TIME, SYS_DESCR, SYS_NAME, SYS_UP_TIME, UPS, UPS_LOAD } from './mib.ts';
import type { SnmpType, Varbind } from './session.ts';

/** Agents to test with, as the objects that they have: for agents in memory, and as recordings for snmpsim. */

export function object(oid: string, type: SnmpType, value: Varbind['value'] | undefined): Varbind {
  const encoded = type === 'string' && typeof value === 'string' ? Buffer.from(value) : (value ?? null);
  return { oid, type, value: encoded };
}

/** The system group. */
export function system(name: string, ticks: number): Varbind[] {
  return [
    object(`${SYS_DESCR}.0`, 'string', `${name}, a device in a test`),
    object('1.3.6.1.2.1.1.2.0', 'oid', '1.3.6.1.4.1.8072.3.2.10'),
    object(`${SYS_UP_TIME}.0`, 'timeticks', ticks),
    object(`${SYS_NAME}.0`, 'string', name),
    object(`${SNMP_ENGINE_TIME}.0`, 'integer', Math.floor(ticks / 100)),
  ];
}

export interface SampleInterface {
  readonly index: number;
  readonly name: string;
  readonly octets: bigint;
  readonly speed_bps?: number;
  /** Default: both widths. */
  readonly bits?: 32 | 64;
}

/** An interface's rows in ifTable and ifXTable. */
export function sampleInterface({ index, name, octets, speed_bps = 1e9, bits = 64 }: SampleInterface): Varbind[] {
  const low = Number(octets & 0xffff_ffffn);
  const table: Varbind[] = [
    object(`${IF.descr}.${index}`, 'string', `Port ${name}`),
    object(`${IF.type}.${index}`, 'integer', 6),
    object(`${IF.speed}.${index}`, 'gauge32', Math.min(speed_bps, 4_294_967_295)),
    object(`${IF.admin}.${index}`, 'integer', 1),
    object(`${IF.oper}.${index}`, 'integer', 1),
    object(`${IF.in_octets_32}.${index}`, 'counter32', low),
    object(`${IF.in_discards}.${index}`, 'counter32', 3),
    object(`${IF.in_errors}.${index}`, 'counter32', 5),
    object(`${IF.out_octets_32}.${index}`, 'counter32', low),
    object(`${IF.out_discards}.${index}`, 'counter32', 0),
    object(`${IF.out_errors}.${index}`, 'counter32', 0),
  ];
  if (bits === 32) return table;
  return [
    ...table,
    object(`${IF.name}.${index}`, 'string', name),
    object(`${IF.in_octets}.${index}`, 'counter64', octets),
    object(`${IF.in_multicast}.${index}`, 'counter64', 11n),
    object(`${IF.out_octets}.${index}`, 'counter64', octets),
    object(`${IF.out_multicast}.${index}`, 'counter64', 13n),
    object(`${IF.high_speed}.${index}`, 'gauge32', Math.round(speed_bps / 1e6)),
    object(`${IF.alias}.${index}`, 'string', index % 2 === 0 ? `to ${name}` : ''),
    object(`${IF.discontinuity}.${index}`, 'timeticks', 0),
  ];
}

/** A switch with many ports. */
export function sampleSwitch(ports: number): Varbind[] {
  return [
    ...system('switch', 8_640_000),
    ...Array.from({ length: ports }, (_, port) =>
      sampleInterface({ index: port + 1, name: `Gi1/0/${port + 1}`, octets: 10_000_000_000n + BigInt(port) }),
    ).flat(),
  ];
}

/** A power supply with three output lines. */
export function sampleUps(): Varbind[] {
  return [
    ...system('ups', 500_000),
    object(`${UPS.battery}.0`, 'integer', 2),
    object(`${UPS.on_battery_s}.0`, 'integer', 90),
    object(`${UPS.remaining_min}.0`, 'integer', 42),
    object(`${UPS.charge}.0`, 'gauge32', 87),
    object(`${UPS.source}.0`, 'integer', 5),
    ...[31, 64, 12].map((load, line) => object(`${UPS_LOAD}.${line + 1}`, 'integer', load)),
  ];
}

/** An optical module that tells its temperature, power and voltage; one sensor is broken. */
export function sampleOptics(): Varbind[] {
  const sensors = [
    { index: 301, name: 'xe-0/0/1 temperature', type: 8, scale: 9, precision: 1, value: 415, status: 1 },
    { index: 302, name: 'xe-0/0/1 receive power', type: 14, scale: 9, precision: 2, value: -732, status: 1 },
    { index: 303, name: 'xe-0/0/1 voltage', type: 4, scale: 8, precision: 0, value: 3_301, status: 1 },
    { index: 304, name: 'xe-0/0/1 bias', type: 5, scale: 7, precision: 0, value: 36_500, status: 3 },
  ];
  return [
    ...system('optics', 700_000),
    ...sensors.flatMap(({ index, name, type, scale, precision, value, status }) => [
      object(`${ENTITY.descr}.${index}`, 'string', 'SFP+ sensor'),
      object(`${ENTITY.name}.${index}`, 'string', name),
      object(`${SENSOR.type}.${index}`, 'integer', type),
      object(`${SENSOR.scale}.${index}`, 'integer', scale),
      object(`${SENSOR.precision}.${index}`, 'integer', precision),
      object(`${SENSOR.value}.${index}`, 'integer', value),
      object(`${SENSOR.status}.${index}`, 'integer', status),
    ]),
  ];
}

/** A host with two processors, memory and a disk so large that its size overflows an Integer32. */
export function sampleHost(): Varbind[] {
  const storage = [
    { index: 1, type: 2, descr: 'Physical memory', units: 1024, size: 4_000_000, used: 3_000_000 },
    { index: 31, type: 4, descr: '/', units: 4096, size: -1_000_000_000, used: 1_000_000 },
  ];
  return [
    ...system('host', 900_000),
    ...storage.flatMap(({ index, type, descr, units, size, used }) => [
      object(`${HR.storage_type}.${index}`, 'oid', `1.3.6.1.2.1.25.2.1.${type}`),
      object(`${HR.storage_descr}.${index}`, 'string', descr),
      object(`${HR.storage_units}.${index}`, 'integer', units),
      object(`${HR.storage_size}.${index}`, 'integer', size),
      object(`${HR.storage_used}.${index}`, 'integer', used),
    ]),
    object(`${HR.processor_load}.196608`, 'integer', 10),
    object(`${HR.processor_load}.196609`, 'integer', 25),
  ];
}
