import type { EventEmitter } from 'node:events';
import type { AuthProtocol, Credentials, PrivProtocol } from './credentials.ts';
import { DatagramError, readAnswer } from './datagram.ts';
import {
  onResponse,
  responseError,
  toVarbind,
  type LibraryCallback,
  type LibraryPdu,
  type LibraryRequest,
} from './net-snmp-answers.ts';
import { RequestTimedOutError, ResponseInvalidError, snmp } from './net-snmp.ts';
import {
  SnmpClosed,
  SnmpError,
  SnmpInvalidResponse,
  SnmpSendError,
  SnmpTimeout,
  type SnmpSession,
  type SnmpVersion,
  type Varbind,
} from './session.ts';
import { PeerSocket, type UdpSockets } from './udp.ts';

export interface NetSnmpSessionOptions {
  /** An IP address, as the kernel writes it. */
  readonly address: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** How long to wait for each answer. */
  readonly timeout_ms: number;
  /** How often a request is repeated. */
  readonly retries: number;
  readonly sockets: UdpSockets;
  /** Told of every datagram from the agent that is not an answer as it should be. */
  readonly onBadDatagram?: (cause: string) => void;
}

/** The parts of a net-snmp session that are used here, most of them not in its type declarations. */
interface Library extends EventEmitter {
  get(oids: readonly string[], callback: LibraryCallback): void;
  getNext(oids: readonly string[], callback: LibraryCallback): void;
  getBulk(oids: readonly string[], nonRepeaters: number, maxRepetitions: number, callback: LibraryCallback): void;
  cancelRequests(error: Error): void;
  close(): void;
  onSimpleGetResponse: (request: LibraryRequest, message: { readonly pdu: LibraryPdu }) => void;
}

const AUTH: Readonly<Record<AuthProtocol, keyof typeof snmp.AuthProtocols>> = {
  md5: 'md5',
  sha: 'sha',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
};

const PRIV: Readonly<Record<PrivProtocol, keyof typeof snmp.PrivProtocols>> = {
  des: 'des',
  aes: 'aes',
  'aes256-blumenthal': 'aes256b',
  'aes256-reeder': 'aes256r',
};

/** An SNMPv3 request may need a discovery, a time synchronisation and itself, each with its own timeout. */
const MOST_EXCHANGES = 3;

/** A session over net-snmp and the shared UDP sockets. */
export class NetSnmpSession implements SnmpSession {
  readonly version: SnmpVersion;
  readonly #options: NetSnmpSessionOptions;
  readonly #library: Library;
  readonly #patience_ms: number;
  #reject: ((error: SnmpError) => void) | undefined;
  #badDatagram: string | undefined;
  #closed = false;

  constructor(options: NetSnmpSessionOptions) {
    const { credentials, timeout_ms, retries, address, port, sockets } = options;
    this.version = credentials.version;
    this.#options = options;
    this.#patience_ms = timeout_ms * (retries + 1) * (this.version === '3' ? MOST_EXCHANGES : 1) + timeout_ms;
    const guard = { check: (datagram: Buffer) => this.#check(datagram), failed: () => this.#unreadable() };
    const settings = {
      port,
      timeout: timeout_ms,
      retries,
      transport: address.includes(':') ? 'udp6' : 'udp4',
      dgramModule: { createSocket: () => new PeerSocket(sockets, address, port, guard) },
    } as const;
    this.#library = makeLibrarySession(address, credentials, settings);
    this.#library.on('error', () => this.#unreadable());
    this.#library.onSimpleGetResponse = onResponse;
  }

  async get(oids: readonly string[]): Promise<Varbind[]> {
    const varbinds = await this.#request((callback) => this.#library.get(oids, callback));
    if (varbinds.length !== oids.length || varbinds.some(({ oid }, position) => oid !== oids[position])) {
      throw new SnmpInvalidResponse('the agent answered with other objects than were asked for');
    }
    return varbinds;
  }

  async getNext(oids: readonly string[]): Promise<Varbind[]> {
    const varbinds = await this.#request((callback) => this.#library.getNext(oids, callback));
    if (varbinds.length !== oids.length) {
      throw new SnmpInvalidResponse(`the agent answered ${oids.length} objects with ${varbinds.length}`);
    }
    return varbinds;
  }

  async getBulk(oids: readonly string[], nonRepeaters: number, maxRepetitions: number): Promise<Varbind[]> {
    const varbinds = await this.#request((callback) =>
      this.#library.getBulk(oids, nonRepeaters, maxRepetitions, callback),
    );
    const most = nonRepeaters + (oids.length - nonRepeaters) * maxRepetitions;
    if (varbinds.length > most) {
      throw new SnmpInvalidResponse(`the agent answered with ${varbinds.length} objects where ${most} were asked for`);
    }
    return varbinds;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reject?.(new SnmpClosed('the session was closed'));
    this.#library.close();
  }

  #request(send: (callback: LibraryCallback) => void): Promise<Varbind[]> {
    if (this.#closed) return Promise.reject(new SnmpClosed('the session was closed'));
    this.#badDatagram = undefined;
    return new Promise<Varbind[]>((resolve, reject) => {
      const fail = (error: SnmpError): void => settle(() => reject(error));
      // net-snmp forgets a request before it has read its answer, and what it throws then leaves nobody called back.
      const lastResort = setTimeout(() => fail(this.#silence()), this.#patience_ms);
      lastResort.unref();
      const settle = (done: () => void): void => {
        clearTimeout(lastResort);
        if (this.#reject === fail) this.#reject = undefined;
        done();
      };
      this.#reject = fail;
      send((error, varbinds) => {
        // It may call back of a request that was given up, while the next one is under way.
        if (this.#reject !== fail) return;
        if (error !== null) return fail(this.#translate(error));
        try {
          const read = (varbinds ?? []).map(toVarbind);
          settle(() => resolve(read));
        } catch {
          fail(new SnmpInvalidResponse('the agent answered with a value that is none'));
        }
      });
    });
  }

  /** Drops what must not reach net-snmp. */
  #check(datagram: Buffer): Buffer | undefined {
    const { credentials, onBadDatagram } = this.#options;
    try {
      const { message, version, flags, report } = readAnswer(datagram);
      const expected = { '1': 0, '2c': 1, '3': 3 }[this.version];
      if (version !== expected) throw new DatagramError(`the answer is of version ${version}`);
      if (credentials.version === '3' && !report) {
        // net-snmp would take an answer without the protection that the request had.
        const level = (credentials.auth === undefined ? 0 : 1) | (credentials.priv === undefined ? 0 : 2);
        if ((flags & 3) !== level) throw new DatagramError('the answer has not the protection that was asked for');
      }
      return message;
    } catch (error) {
      if (!(error instanceof DatagramError)) throw error;
      this.#badDatagram = error.message;
      onBadDatagram?.(error.message);
      return undefined;
    }
  }

  /** net-snmp could not read a datagram that was well formed. */
  #unreadable(): void {
    this.#badDatagram = 'an answer cannot be read';
    this.#options.onBadDatagram?.(this.#badDatagram);
    this.#reject?.(this.#silence());
  }

  #silence(): SnmpError {
    const { timeout_ms, retries } = this.#options;
    return this.#badDatagram === undefined
      ? new SnmpTimeout(`no answer within ${timeout_ms} ms, asked ${retries + 1} times`)
      : new SnmpInvalidResponse(`no valid answer (${this.#badDatagram})`);
  }

  /** Says a library error in our words. Its own carry community and keys, so none of it is passed on. */
  #translate(error: Error): SnmpError {
    if (error instanceof SnmpError) return error;
    if (error instanceof RequestTimedOutError) return this.#silence();
    if (error instanceof ResponseInvalidError) return responseError(error);
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'send') return new SnmpSendError(`the request cannot be sent (${code ?? 'no reason given'})`);
    return new SnmpError('the request cannot be made');
  }
}

function makeLibrarySession(address: string, credentials: Credentials, settings: object): Library {
  if (credentials.version !== '3') {
    const version = credentials.version === '1' ? snmp.Version1 : snmp.Version2c;
    return snmp.createSession(address, credentials.community, { ...settings, version }) as unknown as Library;
  }
  const { user, context, auth, priv } = credentials;
  const { noAuthNoPriv, authNoPriv, authPriv } = snmp.SecurityLevel;
  const securityUser = {
    name: user,
    level: auth === undefined ? noAuthNoPriv : priv === undefined ? authNoPriv : authPriv,
    ...(auth === undefined ? {} : { authProtocol: snmp.AuthProtocols[AUTH[auth.protocol]], authKey: auth.password }),
    ...(priv === undefined ? {} : { privProtocol: snmp.PrivProtocols[PRIV[priv.protocol]], privKey: priv.password }),
  };
  return snmp.createV3Session(address, securityUser, { ...settings, context }) as unknown as Library;
}
