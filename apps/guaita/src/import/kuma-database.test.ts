import { mkdir, mkdtemp, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKumaDatabase } from './kuma-database.ts';

let folder: string;
let file: string;
let database: DatabaseSync;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-kuma-'));
  file = join(folder, 'kuma.db');
  database = new DatabaseSync(file);
});
afterEach(async () => {
  if (database.isOpen) database.close();
  await rm(folder, { recursive: true });
});

/** The tables of 2.x, as far as anything is read of them, with a row each. */
function fill(): void {
  database.exec(`
    CREATE TABLE monitor (id INTEGER PRIMARY KEY, name TEXT, active BOOLEAN, user_id INTEGER, interval INTEGER, url TEXT,
      type TEXT, hostname TEXT, port INTEGER, upside_down BOOLEAN, packet_size INTEGER, parent INTEGER,
      radius_password TEXT, snmp_version TEXT, snmp_v3_username TEXT, push_token TEXT, basic_auth_pass TEXT);
    CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT, color TEXT);
    CREATE TABLE monitor_tag (id INTEGER PRIMARY KEY, monitor_id INTEGER, tag_id INTEGER, value TEXT);
    CREATE TABLE notification (id INTEGER PRIMARY KEY, name TEXT, active BOOLEAN, config TEXT);
    CREATE TABLE maintenance (id INTEGER PRIMARY KEY, title TEXT, description TEXT);
    CREATE TABLE status_page (id INTEGER PRIMARY KEY, slug TEXT, title TEXT);
    CREATE TABLE proxy (id INTEGER PRIMARY KEY, host TEXT, password TEXT);
    CREATE TABLE docker_host (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO monitor VALUES (1, 'Router', 1, 1, 20, NULL, 'ping', '192.0.2.1', NULL, 0, 56, NULL, NULL, NULL, NULL, 'hush', 'hush');
    INSERT INTO tag VALUES (5, 'env', '#fff');
    INSERT INTO monitor_tag VALUES (1, 1, 5, 'prod');
    INSERT INTO notification VALUES (1, 'Phone', 1, '{"token":"hush"}');
    INSERT INTO maintenance VALUES (1, 'Sundays', '');
    INSERT INTO status_page VALUES (1, 'all', 'All');
    INSERT INTO proxy VALUES (1, 'proxy.lan', 'hush');
    INSERT INTO docker_host VALUES (1, 'dock');`);
}

const ROUTER = { id: 1, name: 'Router', type: 'ping', hostname: '192.0.2.1', interval: 20, active: 1 };

describe('a database of Uptime Kuma', () => {
  it('is read into the shape of a backup, and of credentials nothing but what polls by SNMP', () => {
    fill();
    const read = readKumaDatabase(file);
    expect(read).toMatchObject({
      monitorList: [{ ...ROUTER, packetSize: 56, upsideDown: 0, tags: [{ name: 'env', value: 'prod' }] }],
      notificationList: [{ name: 'Phone' }],
      maintenanceList: [{ title: 'Sundays' }],
      statusPageList: [{ title: 'All' }],
      proxyList: [{ host: 'proxy.lan' }],
      dockerHostList: [{ name: 'dock' }],
    });
    expect(JSON.stringify(read)).not.toContain('hush');
  });

  it('may be of a version that had fewer tables and columns', () => {
    database.exec(
      `CREATE TABLE monitor (id INTEGER PRIMARY KEY, name TEXT, active BOOLEAN, interval INTEGER, type TEXT, hostname TEXT);
       INSERT INTO monitor VALUES (1, 'Router', 1, 20, 'ping', '192.0.2.1');`,
    );
    expect(readKumaDatabase(file)).toMatchObject({ monitorList: [{ ...ROUTER, tags: [] }], proxyList: [] });
  });

  it('may be that of a running Uptime Kuma: what it wrote last is there too', () => {
    database.exec('PRAGMA journal_mode = WAL');
    fill();
    database.exec("INSERT INTO monitor (id, name, type) VALUES (2, 'Late', 'ping')");
    expect(readKumaDatabase(file)['monitorList']).toMatchObject([{ name: 'Router' }, { name: 'Late' }]);
  });

  it('that was copied is left as it is, with no file beside it', async () => {
    database.exec('PRAGMA journal_mode = WAL');
    fill();
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const copy = join(folder, 'copy');
    await mkdir(copy);
    await copyFile(file, join(copy, 'kuma.db'));
    const before = await readFile(join(copy, 'kuma.db'));
    expect(readKumaDatabase(join(copy, 'kuma.db'))['monitorList']).toHaveLength(1);
    expect(await readdir(copy)).toEqual(['kuma.db']);
    expect(before.equals(await readFile(join(copy, 'kuma.db')))).toBe(true);
  });

  it('of something else is refused, and so is a torn one', async () => {
    database.exec('CREATE TABLE bookmarks (id INTEGER)');
    expect(() => readKumaDatabase(file)).toThrow('is an SQLite database without a table "monitor"; give the kuma.db');
    database.exec('DROP TABLE bookmarks');
    fill();
    database.close();
    await writeFile(file, (await readFile(file)).subarray(0, 5000));
    expect(() => readKumaDatabase(file)).toThrow(/is no whole SQLite database: .*; copy kuma.db again/);
  });
});
