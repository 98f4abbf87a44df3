import type { Bus, WillSource } from '../bus.ts';

/** What the suite asks of a bus that it wants made. */
export interface ContractBusOptions {
  readonly clientId: string;
  readonly will?: WillSource;
  readonly session?: 'clean' | { readonly kept_s: number };
  readonly outboxLimit?: number;
}

/** A bus and what may happen to it. */
export interface ContractBus {
  readonly bus: Bus;
  /** Breaks its connection; it may come back. */
  cut(): void;
  /** Breaks its connection for good, without a goodbye. */
  kill(): Promise<void>;
}

/** A broker that the suite takes away and brings back. */
export interface ContractBroker {
  /** Takes the broker away in good order. */
  stopBroker(): Promise<void>;
  /** Brings it back: with what it kept, or `empty`. */
  startBroker(options: { empty: boolean }): Promise<void>;
  /** Whether retained messages and kept sessions outlive the broker. */
  readonly persists: boolean;
  close(): Promise<void>;
}

/** The world that a bus lives in. */
export interface ContractHarness extends ContractBroker {
  makeBus(options: ContractBusOptions): Promise<ContractBus>;
}
