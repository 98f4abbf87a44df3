import { existsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { ForeignFileError } from './foreign-file-error.ts';

/** A list of a backup: the table that it is in a database, and its columns by the names that a backup has. */
interface List {
  readonly table: string;
  readonly columns: Readonly<Record<string, string>>;
}

const MONITORS: List = {
  table: 'monitor',
  columns: {
    ...Object.fromEntries(
      ['id', 'name', 'type', 'active', 'parent', 'hostname', 'port', 'interval'].map((n) => [n, n]),
    ),
    upsideDown: 'upside_down',
    packetSize: 'packet_size',
    snmpVersion: 'snmp_version',
    radiusPassword: 'radius_password',
    snmp_v3_username: 'snmp_v3_username',
  },
};

/** Of these only the names are wanted: what else they hold are credentials. */
const NAMED: Readonly<Record<string, List>> = {
  notificationList: { table: 'notification', columns: { name: 'name' } },
  maintenanceList: { table: 'maintenance', columns: { title: 'title' } },
  statusPageList: { table: 'status_page', columns: { title: 'title' } },
  proxyList: { table: 'proxy', columns: { host: 'host' } },
  dockerHostList: { table: 'docker_host', columns: { name: 'name' } },
};

/** More monitors no Uptime Kuma bears. */
const MAX_ROWS = 100_000;

/**
 * Reads the database of Uptime Kuma (1.x and 2.x) into the shape of the JSON backup that 1.x made. It is opened for
 * reading only, and may be that of a running Uptime Kuma.
 *
 * @throws {ForeignFileError} when it is no such database, or not whole.
 */
export function readKumaDatabase(file: string): Record<string, unknown> {
  try {
    // Loaded where it is wanted: earlier versions of Node 24 warn of it on standard error wherever it is loaded.
    const sqlite = process.getBuiltinModule('node:sqlite');
    const database = new sqlite.DatabaseSync(locationOf(file), { readOnly: true });
    try {
      return readLists(database);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof ForeignFileError) throw error;
    const mend = 'copy kuma.db again, with kuma.db-wal where there is one';
    throw new ForeignFileError(`is no whole SQLite database: ${(error as Error).message}; ${mend}`, { cause: error });
  }
}

/**
 * Where nobody writes, SQLite is told so: else it would leave files of its own beside a database that was copied
 * (https://www.sqlite.org/wal.html, "Read-Only Databases").
 */
function locationOf(file: string): URL {
  const url = pathToFileURL(file);
  const wal = `${file}-wal`;
  if (!existsSync(wal) || statSync(wal).size === 0) url.searchParams.set('immutable', '1');
  return url;
}

function readLists(database: DatabaseSync): Record<string, unknown> {
  if (columnsOf(database, 'monitor').size === 0) {
    throw new ForeignFileError('is an SQLite database without a table "monitor"; give the kuma.db of Uptime Kuma');
  }
  const tags = tagsByMonitor(database);
  const monitors = rows(database, MONITORS).map((row) => ({ ...row, tags: tags.get(row['id']) ?? [] }));
  const named = Object.entries(NAMED).map(([list, query]) => [list, rows(database, query)]);
  return { monitorList: monitors, ...(Object.fromEntries(named) as Record<string, unknown>) };
}

/** The rows of a list, with what its version of the table has. */
function rows(database: DatabaseSync, { table, columns }: List): Record<string, unknown>[] {
  const there = columnsOf(database, table);
  const wanted = Object.entries(columns).filter(([, column]) => there.has(column));
  if (wanted.length === 0) return [];
  const names = wanted.map(([name, column]) => `"${column}" AS "${name}"`).join(', ');
  return database.prepare(`SELECT ${names} FROM "${table}" LIMIT ${MAX_ROWS}`).all();
}

function columnsOf(database: DatabaseSync, table: string): Set<unknown> {
  const found = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  return new Set(found.map(({ name }) => name));
}

function tagsByMonitor(database: DatabaseSync): Map<unknown, Record<string, unknown>[]> {
  const byMonitor = new Map<unknown, Record<string, unknown>[]>();
  if (columnsOf(database, 'monitor_tag').size === 0) return byMonitor;
  const found = database.prepare(
    `SELECT mt.monitor_id, tag.name, mt.value FROM monitor_tag mt JOIN tag ON tag.id = mt.tag_id LIMIT ${MAX_ROWS}`,
  );
  for (const { monitor_id: monitor, ...tag } of found.all()) {
    byMonitor.set(monitor, [...(byMonitor.get(monitor) ?? []), tag]);
  }
  return byMonitor;
}
