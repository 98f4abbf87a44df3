/** The objects that are read, under their names in the MIBs. Scalars stand without the `.0` of their instance. */

/** SNMPv2-MIB (RFC 3418). */
export const SYS_UP_TIME = '1.3.6.1.2.1.1.3';
export const SYS_NAME = '1.3.6.1.2.1.1.5';
export const SYS_DESCR = '1.3.6.1.2.1.1.1';

/** SNMP-FRAMEWORK-MIB (RFC 3411). */
export const SNMP_ENGINE_TIME = '1.3.6.1.6.3.10.2.1.3';

/** IF-MIB (RFC 2863): ifTable and ifXTable, both by ifIndex. */
export const IF = {
  descr: '1.3.6.1.2.1.2.2.1.2',
  type: '1.3.6.1.2.1.2.2.1.3',
  speed: '1.3.6.1.2.1.2.2.1.5',
  admin: '1.3.6.1.2.1.2.2.1.7',
  oper: '1.3.6.1.2.1.2.2.1.8',
  in_octets_32: '1.3.6.1.2.1.2.2.1.10',
  in_discards: '1.3.6.1.2.1.2.2.1.13',
  in_errors: '1.3.6.1.2.1.2.2.1.14',
  out_octets_32: '1.3.6.1.2.1.2.2.1.16',
  out_discards: '1.3.6.1.2.1.2.2.1.19',
  out_errors: '1.3.6.1.2.1.2.2.1.20',
  name: '1.3.6.1.2.1.31.1.1.1.1',
  in_multicast_32: '1.3.6.1.2.1.31.1.1.1.2',
  out_multicast_32: '1.3.6.1.2.1.31.1.1.1.4',
  in_octets: '1.3.6.1.2.1.31.1.1.1.6',
  in_multicast: '1.3.6.1.2.1.31.1.1.1.8',
  out_octets: '1.3.6.1.2.1.31.1.1.1.10',
  out_multicast: '1.3.6.1.2.1.31.1.1.1.12',
  high_speed: '1.3.6.1.2.1.31.1.1.1.15',
  alias: '1.3.6.1.2.1.31.1.1.1.18',
  discontinuity: '1.3.6.1.2.1.31.1.1.1.19',
} as const;

/** HOST-RESOURCES-MIB (RFC 2790). */
export const HR = {
  storage_type: '1.3.6.1.2.1.25.2.3.1.2',
  storage_descr: '1.3.6.1.2.1.25.2.3.1.3',
  storage_units: '1.3.6.1.2.1.25.2.3.1.4',
  storage_size: '1.3.6.1.2.1.25.2.3.1.5',
  storage_used: '1.3.6.1.2.1.25.2.3.1.6',
  processor_load: '1.3.6.1.2.1.25.3.3.1.2',
} as const;

/** Values of hrStorageType. */
export const HR_STORAGE_RAM = '1.3.6.1.2.1.25.2.1.2';
export const HR_STORAGE_KEPT: ReadonlySet<string> = new Set([
  '1.3.6.1.2.1.25.2.1.3', // virtual memory: swap
  '1.3.6.1.2.1.25.2.1.4', // fixed disk
  '1.3.6.1.2.1.25.2.1.5', // removable disk
  '1.3.6.1.2.1.25.2.1.9', // flash memory
  '1.3.6.1.2.1.25.2.1.10', // network disk
]);

/** UCD-SNMP-MIB, scalars. */
export const UCD = {
  memory_total: '1.3.6.1.4.1.2021.4.5',
  memory_free: '1.3.6.1.4.1.2021.4.6',
  memory_buffer: '1.3.6.1.4.1.2021.4.14',
  memory_cached: '1.3.6.1.4.1.2021.4.15',
  cpu_idle: '1.3.6.1.4.1.2021.11.11',
} as const;

/** UCD-SNMP-MIB laLoadInt: hundredths, rows 1 to 3 for 1, 5 and 15 minutes. */
export const UCD_LOAD = '1.3.6.1.4.1.2021.10.1.5';

/** ENTITY-SENSOR-MIB (RFC 3433), by entPhysicalIndex. */
export const SENSOR = {
  type: '1.3.6.1.2.1.99.1.1.1.1',
  scale: '1.3.6.1.2.1.99.1.1.1.2',
  precision: '1.3.6.1.2.1.99.1.1.1.3',
  value: '1.3.6.1.2.1.99.1.1.1.4',
  status: '1.3.6.1.2.1.99.1.1.1.5',
} as const;

/** ENTITY-MIB (RFC 6933). */
export const ENTITY = { descr: '1.3.6.1.2.1.47.1.1.1.1.2', name: '1.3.6.1.2.1.47.1.1.1.1.7' } as const;

/** UPS-MIB (RFC 1628), scalars. */
export const UPS = {
  battery: '1.3.6.1.2.1.33.1.2.1',
  on_battery_s: '1.3.6.1.2.1.33.1.2.2',
  remaining_min: '1.3.6.1.2.1.33.1.2.3',
  charge: '1.3.6.1.2.1.33.1.2.4',
  source: '1.3.6.1.2.1.33.1.4.1',
} as const;

/** UPS-MIB upsOutputPercentLoad, by output line. */
export const UPS_LOAD = '1.3.6.1.2.1.33.1.4.4.1.5';
