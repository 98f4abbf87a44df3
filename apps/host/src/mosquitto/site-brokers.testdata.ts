import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Authority, end, freePort, listens, systemProgram, tied } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { OPERATOR, peerUser, READER, SERVICES } from '@guaita/site';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { run } from '../program.ts';

/** Three hosts on loopback. */
export const ADDRESSES = { 'pi-1': '127.0.0.11', 'pi-2': '127.0.0.12', 'pi-3': '127.0.0.13' } as const;
export type HostName = keyof typeof ADDRESSES;
export const HOSTS = Object.keys(ADDRESSES) as HostName[];

/** Everybody's password, here. */
export const passwordOf = (user: string): string => `password-of-${user}`;

/** One host's broker: the real program, with what `host.mjs mosquitto` writes for it. */
export class SiteBroker {
  readonly host: HostName;
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | undefined;
  #log = '';

  constructor(host: HostName, folder: string, port: number) {
    this.host = host;
    this.#folder = folder;
    this.#port = port;
  }

  get log(): string {
    return this.#log;
  }

  /** By TLS, as peers and people come. */
  get url(): string {
    return `mqtts://${ADDRESSES[this.host]}:${this.#port}`;
  }

  /** As the host's services come. */
  get socketUrl(): string {
    return `mqtt+unix://${join(this.#folder, this.host, 'mosquitto.sock')}`;
  }

  /** @param secrets another folder of secrets than the site's. */
  async start(secrets = join(this.#folder, 'secrets')): Promise<void> {
    const own = (name: string): string => join(this.#folder, this.host, name);
    const into = own('run');
    await mkdir(own('data'), { recursive: true });
    const places = ['--socket', own('mosquitto.sock'), '--data', own('data'), '--into', into, '--secrets', secrets];
    const site = ['--site', join(this.#folder, 'site.yaml'), '--authority', join(this.#folder, 'authority.pem')];
    const complaints: string[] = [];
    const code = await run(['mosquitto', ...site, ...places], { GUAITA_MONITOR: this.host }, (text) =>
      complaints.push(text),
    );
    if (code !== 0) throw new Error(complaints.join('\n'));
    const conf = join(into, 'mosquitto.conf');
    // All hosts are one here, so each has its own address alone. Started as root it would give up root, and then could not
    // write in the folder.
    const text = (await readFile(conf, 'utf8')).replace(
      `listener ${this.#port}\n`,
      `listener ${this.#port} ${ADDRESSES[this.host]}\n`,
    );
    await writeFile(conf, process.getuid?.() === 0 ? `user root\n${text}` : text);
    const broker = tied(spawn(systemProgram('mosquitto'), ['-c', conf], { stdio: ['ignore', 'pipe', 'pipe'] }));
    this.#process = broker;
    const from = this.#log.length;
    for (const stream of [broker.stdout, broker.stderr]) {
      stream.on('data', (part: Buffer) => (this.#log += part.toString()));
    }
    await eventually(async () => {
      if (!(await listens(this.#port, ADDRESSES[this.host]))) throw new Error(`no broker: ${this.#log.slice(from)}`);
    });
  }

  /** Ends it, in good order or at once. */
  async halt(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await end(this.#process, signal);
  }

  /** Takes what it has stored away, while it is halted. */
  async loseDisk(): Promise<void> {
    await rm(join(this.#folder, this.host, 'data'), { recursive: true });
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }
}

/** A site of three brokers, its secrets and certificates. */
export class SiteBrokers {
  readonly brokers: Readonly<Record<HostName, SiteBroker>>;
  readonly folder: string;
  readonly #ca: string;
  readonly #clients: MqttClient[] = [];

  private constructor(folder: string, port: number, ca: string) {
    const broker = (host: HostName): SiteBroker => new SiteBroker(host, folder, port);
    this.folder = folder;
    this.#ca = ca;
    this.brokers = { 'pi-1': broker('pi-1'), 'pi-2': broker('pi-2'), 'pi-3': broker('pi-3') };
  }

  /** Makes everything, and starts no broker. */
  static async make(): Promise<SiteBrokers> {
    const folder = await mkdtemp(join(tmpdir(), 'site-brokers-'));
    const port = await freePort();
    const hosts = HOSTS.map((name) => `  ${name}: { address: ${ADDRESSES[name]} }\n`);
    await writeFile(join(folder, 'site.yaml'), `site: home\nports: { mqtt: ${port} }\nhosts:\n${hosts.join('')}`);
    const authority = await Authority.make(folder);
    await makeSecrets(join(folder, 'secrets'), authority);
    return new SiteBrokers(folder, port, await readFile(authority.cert_file, 'utf8'));
  }

  async start(): Promise<void> {
    for (const broker of Object.values(this.brokers)) await broker.start();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    for (const broker of Object.values(this.brokers)) await broker.halt('SIGKILL');
    await rm(this.folder, { recursive: true });
  }

  /** Connects a user as it does in life: services by the socket, everybody else by TLS. */
  async connect(host: HostName, user: string, options: IClientOptions = {}): Promise<MqttClient> {
    const { url, socketUrl } = this.brokers[host];
    const isService = SERVICES.some((service) => service === user);
    const client = await connectAsync(isService ? socketUrl : url, {
      ...{ protocolVersion: 5, reconnectPeriod: 0, username: user, password: passwordOf(user), ca: this.#ca },
      properties: { receiveMaximum: 65_535 },
      ...options,
    });
    this.#clients.push(client);
    return client;
  }
}

/** The folder of secrets, with certificates for the hosts' addresses. */
export async function makeSecrets(folder: string, authority: Authority): Promise<void> {
  await mkdir(folder);
  const file = (name: string): string => join(folder, name);
  const everybody = [...SERVICES, READER, OPERATOR, ...HOSTS.map(peerUser)];
  await writeFile(file('users'), everybody.map((user) => `${user}:${passwordOf(user)}\n`).join(''));
  await promisify(execFile)(systemProgram('mosquitto_passwd'), ['-U', file('users')]);
  await writeFile(
    file('peers'),
    JSON.stringify(Object.fromEntries(HOSTS.map((host) => [host, passwordOf(peerUser(host))]))),
  );
  const tls: Record<string, { cert: string; key: string }> = {};
  for (const host of HOSTS) {
    const { cert_file, key_file } = await authority.sign(host, [host, ADDRESSES[host]]);
    tls[host] = { cert: await readFile(cert_file, 'utf8'), key: await readFile(key_file, 'utf8') };
  }
  await writeFile(file('tls'), JSON.stringify(tls));
}
