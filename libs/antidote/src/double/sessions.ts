import { ERROR_CODES } from '../errors.ts';
import type { BoundObject } from '../crdt.ts';
import type { Update } from '../update.ts';
import type { Frame } from '../wire/frames.ts';
import { CODES } from '../wire/codes.ts';
import type { ClientRequest } from './read-request.ts';
import { nodeOf } from '../descriptor.ts';
import { descriptorOf } from './descriptor.ts';
import { firstValue } from './state.ts';
import { Store, valueIn, written, type Objects } from './store.ts';
import * as reply from './write-reply.ts';

interface Open {
  objects: Objects;
  readonly version: number;
  readonly updates: Update<BoundObject>[];
}

/** What a data centre does with requests: transactions over its objects. */
export class Sessions {
  readonly store: Store;
  readonly #open = new Map<string, Open>();
  readonly #descriptor: Uint8Array;
  #started = 0;

  /** @param node its Erlang name. */
  constructor(store: Store = new Store(), node = 'antidote@127.0.0.1') {
    this.store = store;
    this.#descriptor = descriptorOf(node);
  }

  /** @param empty answer reads as if nothing had ever been written. */
  answer(request: ClientRequest, empty: boolean): Frame {
    try {
      return this.#carryOut(request, empty);
    } catch (error) {
      const stack = '[{clocksi_interactive_coord,perform_update,2},\n {antidote_pb_process,process,1}]\n';
      return reply.errorReply(ERROR_CODES.unknown, `${(error as Error).message}\n${stack}`);
    }
  }

  /** Says that it was done, and does nothing. */
  pretend(request: ClientRequest): Frame {
    return request.kind === 'update' || request.kind === 'abort'
      ? reply.doneReply(CODES.operationReply)
      : reply.opaqueReply(CODES.commitReply, this.#clock());
  }

  #carryOut(request: ClientRequest, empty: boolean): Frame {
    switch (request.kind) {
      case 'static read':
        // So does the server.
        if (request.objects.length === 0) throw new Error('error: {case_clause,[]}');
        return reply.staticReadReply(read(this.store.objects, request.objects, empty), this.#clock());
      case 'static update':
        this.store.commit(request.updates);
        return reply.opaqueReply(CODES.commitReply, this.#clock());
      case 'start':
        return reply.opaqueReply(CODES.startTransactionReply, this.#begin());
      case 'read':
        return reply.readReply(read(this.#transaction(request.transaction).objects, request.objects, empty));
      case 'update': {
        const open = this.#transaction(request.transaction);
        open.objects = written(open.objects, request.updates, open.version);
        open.updates.push(...request.updates);
        return reply.doneReply(CODES.operationReply);
      }
      case 'abort':
        this.#transaction(request.transaction);
        this.#open.delete(request.transaction);
        return reply.doneReply(CODES.operationReply);
      case 'commit': {
        const { updates, version } = this.#transaction(request.transaction);
        this.#open.delete(request.transaction);
        if (this.store.conflicts(updates, version)) return reply.failedReply(CODES.commitReply, ERROR_CODES.aborted, 3);
        this.store.commit(updates);
        return reply.opaqueReply(CODES.commitReply, this.#clock());
      }
      case 'create':
        // One node is all there is.
        return request.nodes.length === 0
          ? reply.doneReply(CODES.createDcReply)
          : reply.failedReply(CODES.createDcReply, ERROR_CODES.aborted, 2);
      case 'descriptor':
        return reply.opaqueReply(CODES.getConnectionDescriptorReply, this.#descriptor);
      case 'connect':
        return request.descriptors.every(isDescriptor)
          ? reply.doneReply(CODES.connectToDcsReply)
          : reply.failedReply(CODES.connectToDcsReply, ERROR_CODES.aborted, 2);
    }
  }

  #begin(): Uint8Array {
    this.#started += 1;
    const descriptor = Buffer.from(`transaction ${this.#started}`);
    const { objects, version } = this.store;
    this.#open.set(descriptor.toString('hex'), { objects, version, updates: [] });
    return descriptor;
  }

  #transaction(descriptor: string): Open {
    const open = this.#open.get(descriptor);
    if (open === undefined) throw new Error('exit: {noproc,{gen_statem,call,[<0.1051.0>,{prepare,empty},infinity]}}');
    return open;
  }

  #clock(): Uint8Array {
    return Buffer.from(`clock ${this.store.version}`);
  }
}

function isDescriptor(bytes: Uint8Array): boolean {
  try {
    return nodeOf(bytes) !== '';
  } catch {
    return false;
  }
}

function read(objects: Objects, wanted: readonly BoundObject[], empty: boolean): reply.Read {
  return wanted.map((object) => [object, empty ? firstValue(object.type) : valueIn(objects, object)] as const);
}
