import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { IncomingMessage } from '@guaita/bus';
import type { DeviceSpec } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { NameMemory, RetainedKeeper, type MonitorContext, type Timer } from '@guaita/service';
import type { Voice } from '../voice.ts';
import type { HomeAssistantConfig } from './config.ts';
import { discoveryFilter, discoveryPayload, discoveryTopic, shownMonitor, type Discovery } from './discovery.ts';

const NAME = 'home-assistant';

/** Whoever has just been born is busy; it asks to be told by its many devices not all at once. */
const BIRTH_SPREAD_ms = 3_000;

/**
 * Tells Home Assistant of every device, on the broker's behalf, when it is this monitor's turn. Where that was switched
 * off since, what it was told is taken away.
 */
export class HomeAssistant implements Voice {
  readonly #context: MonitorContext;
  readonly #config: HomeAssistantConfig;
  readonly #discovery: Discovery;
  readonly #keeper: RetainedKeeper;
  readonly #memoryFile: string;
  readonly #speaks: () => boolean;
  /** What it is told, by topic. */
  readonly #told = new Map<string, string>();
  /** Whose measurements are shown of each device: while nobody holds one, they stay those of who did. */
  readonly #shown = new Map<Id, Id>();
  #isAtWork = false;
  #birth: Timer | undefined;
  #endBirths: (() => Promise<void>) | undefined;

  /** @param speaks whether it is our turn, right now. */
  constructor(context: MonitorContext, config: HomeAssistantConfig, speaks: () => boolean) {
    const { wire, clock, log, monitor, dataDir, health } = context;
    this.#context = context;
    this.#config = config;
    this.#discovery = { prefix: config.prefix, base: wire.base, speaker: monitor };
    this.#memoryFile = join(dataDir, `topics-${NAME}`);
    this.#speaks = speaks;
    this.#keeper = new RetainedKeeper({
      ...{ wire, clock, log, monitor, name: NAME, filters: [discoveryFilter(this.#discovery)], speaks },
      memory: new NameMemory(this.#memoryFile),
      onState: (trouble) => health.report(NAME, trouble === undefined, trouble),
    });
  }

  async start(): Promise<void> {
    const { enabled, prefix } = this.#config;
    this.#isAtWork = enabled || existsSync(this.#memoryFile);
    if (!this.#isAtWork) return;
    this.#keeper.start();
    if (!enabled) return;
    const { wire, health } = this.#context;
    const born = (message: IncomingMessage): void => this.#born(message);
    try {
      this.#endBirths = await wire.bus.subscribe(`${prefix}/status`, born);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      health.report(`${NAME}-births`, false, `it is not seen when Home Assistant starts: ${cause}`);
    }
  }

  async stop(): Promise<void> {
    this.#birth?.cancel();
    await this.#endBirths?.();
    await this.#keeper.stop();
  }

  /** A device is in the inventory like that, or, `undefined`, no longer. */
  spec(device: Id, spec: DeviceSpec | undefined): void {
    if (!this.#config.enabled) return;
    const topic = discoveryTopic(this.#discovery, device);
    if (spec === undefined) {
      this.#shown.delete(device);
      this.#told.delete(topic);
      this.#keeper.set(topic, undefined);
      return;
    }
    const shown = shownMonitor(spec) ?? this.#shown.get(device);
    if (shown !== undefined) this.#shown.set(device, shown);
    const payload = JSON.stringify(discoveryPayload(this.#discovery, spec, shown));
    this.#told.set(topic, payload);
    this.#keeper.set(topic, payload);
  }

  /** It is our turn, or still is. */
  speak(): void {
    if (this.#isAtWork) this.#keeper.speak();
  }

  /** It is another's turn. */
  fallSilent(): void {
    this.#birth?.cancel();
    if (this.#isAtWork) this.#keeper.fallSilent();
  }

  /** All devices are known by now: others are taken away. */
  purge(): void {
    if (this.#isAtWork) this.#keeper.purge();
  }

  /** Home Assistant has started: it is told all again. What was kept from before its start says nothing new. */
  #born({ payload, retain }: IncomingMessage): void {
    if (retain || new TextDecoder().decode(payload) !== 'online') return;
    const { clock, random, wire } = this.#context;
    this.#birth?.cancel();
    this.#birth = clock.after(random() * BIRTH_SPREAD_ms, () => {
      if (!this.#speaks()) return;
      for (const [topic, text] of this.#told) wire.bus.publish({ topic, payload: text, qos: 1, retain: true });
    });
  }
}
