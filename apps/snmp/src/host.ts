import type { HostObservation } from '@guaita/model';
import { HR, HR_STORAGE_KEPT, HR_STORAGE_RAM, UCD, UCD_LOAD } from './mib.ts';
import { distinctNames } from './names.ts';
import type { Varbind } from './session.ts';
import type { Row, Table } from './table.ts';
import { numberOf, textOf } from './value.ts';

export const HOST_SCALARS: readonly string[] = Object.values(UCD);

/** Of three tables, read together: a row is a volume, a processor or a load average, whichever has its index. */
export const HOST_COLUMNS: readonly string[] = [...Object.values(HR), UCD_LOAD];

/**
 * What an agent says of its host, by HOST-RESOURCES-MIB and UCD-SNMP-MIB; `undefined` when it says nothing.
 *
 * Memory that is available is free memory with buffers and caches (UCD-SNMP-MIB); where only hrStorage tells, it is
 * what hrStorageRam leaves unused.
 */
export function readHost(scalars: ReadonlyMap<string, Varbind>, table: Table): HostObservation | undefined {
  const memory = memoryOf(scalars, table);
  const loads = [1, 2, 3].map((row) => loadOf(table, String(row)));
  const host: HostObservation = {
    cpu_percent: cpuOf(scalars, table),
    load_1min: loads[0] ?? null,
    load_5min: loads[1] ?? null,
    load_15min: loads[2] ?? null,
    ...memory,
    storage: storageOf(table),
  };
  const { storage: volumes, ...figures } = host;
  const silent = Object.values(figures).every((figure) => figure === null) && Object.keys(volumes).length === 0;
  return silent ? undefined : host;
}

/** hrProcessorLoad is the mean of the last minute; ssCpuIdle, which it falls back to, too. */
function cpuOf(scalars: ReadonlyMap<string, Varbind>, table: Table): number | null {
  const loads = [...table.rows.values()]
    .map((row) => numberOf(table.cell(row, HR.processor_load)))
    .filter((load) => load !== undefined && load >= 0 && load <= 100)
    .map(Number);
  if (loads.length > 0) return Math.round((loads.reduce((sum, load) => sum + load, 0) / loads.length) * 10) / 10;
  const idle = numberOf(scalars.get(UCD.cpu_idle));
  return idle !== undefined && idle >= 0 && idle <= 100 ? 100 - idle : null;
}

function loadOf(table: Table, index: string): number | undefined {
  const row = table.rows.get(index);
  const hundredths = row === undefined ? undefined : numberOf(table.cell(row, UCD_LOAD));
  return hundredths === undefined || hundredths < 0 ? undefined : hundredths / 100;
}

function memoryOf(
  scalars: ReadonlyMap<string, Varbind>,
  table: Table,
): Pick<HostObservation, 'memory_total_bytes' | 'memory_available_bytes'> {
  const kilobytes = (oid: string): number | undefined => {
    const value = numberOf(scalars.get(oid));
    return value === undefined || value < 0 ? undefined : value * 1024;
  };
  const total = kilobytes(UCD.memory_total);
  const free = kilobytes(UCD.memory_free);
  if (total !== undefined && free !== undefined) {
    const available = free + (kilobytes(UCD.memory_buffer) ?? 0) + (kilobytes(UCD.memory_cached) ?? 0);
    return { memory_total_bytes: total, memory_available_bytes: Math.min(total, available) };
  }
  for (const row of table.rows.values()) {
    if (table.cell(row, HR.storage_type)?.value !== HR_STORAGE_RAM) continue;
    const { total_bytes, used_bytes } = volumeOf(table, row);
    const available = total_bytes === null || used_bytes === null ? null : Math.max(0, total_bytes - used_bytes);
    return { memory_total_bytes: total_bytes, memory_available_bytes: available };
  }
  return { memory_total_bytes: total ?? null, memory_available_bytes: null };
}

function storageOf(table: Table): HostObservation['storage'] {
  const kept = [...table.rows].filter(([, row]) =>
    HR_STORAGE_KEPT.has(String(table.cell(row, HR.storage_type)?.value)),
  );
  const names = distinctNames(
    kept.map(([index, row]) => [index, textOf(table.cell(row, HR.storage_descr))]),
    'storage',
  );
  return Object.fromEntries(kept.map(([index, row]) => [names.get(index) ?? index, volumeOf(table, row)]));
}

function volumeOf(table: Table, row: Row): { total_bytes: number | null; used_bytes: number | null } {
  const units = numberOf(table.cell(row, HR.storage_units));
  const bytes = (column: string): number | null => {
    const count = numberOf(table.cell(row, column));
    if (count === undefined || units === undefined || units <= 0) return null;
    // Integer32 overflows at 2^31 allocation units; agents let it wrap into the negative rather than cap it.
    return (count < 0 ? count + 2 ** 32 : count) * units;
  };
  return { total_bytes: bytes(HR.storage_size), used_bytes: bytes(HR.storage_used) };
}
