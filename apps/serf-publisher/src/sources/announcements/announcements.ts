import { channels, type AddService, type RemoveService } from '@guaita/messages';
import { CommandError, Commands, type CommandsOptions, type KeptFile, type Said } from '@guaita/service';
import { z } from 'zod';
import { InTurn } from '../../in-turn.ts';
import type { ServiceRecord } from '../../services/service-record.ts';
import { keyOf } from '../../services/union.ts';
import type { Source, SourceListener } from '../source.ts';

/** Far more than a tag has room for; the file and each message about it stay small. */
const ANNOUNCED_MOST = 200;

/** What is kept over restarts. A service without an address is at this host, wherever that is then. */
export const KeptAnnouncements = z.object({ services: z.array(channels.addService.definition.payload) });

export interface AnnouncementsOptions extends CommandsOptions {
  readonly kept: KeptFile<typeof KeptAnnouncements>;
  /** Where this host is reached, for services that say no address. */
  readonly address: string;
  /** Whether it is this publisher's turn to take what is announced, where several share the broker. */
  readonly speaks: () => boolean;
  /** Whether a service of this key was announced to another publisher, which is there. Asked while it is our turn. */
  readonly isElsewhere: (key: string) => boolean;
}

/**
 * Services that operators and programs announce on MQTT. They are kept on disk until they are taken back: who announced
 * a service need not be there to announce it again.
 */
export class Announcements implements Source {
  readonly name = 'announcements';
  readonly #options: AnnouncementsOptions;
  readonly #commands: Commands;
  readonly #inTurn = new InTurn();
  #services = new Map<string, AddService>();
  #listener: SourceListener | undefined;

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
    this.#commands = new Commands(options);
  }

  async start(listener: SourceListener): Promise<void> {
    const { kept } = this.#options;
    const { services } = (await kept.read()) ?? { services: [] };
    this.#services = new Map(services.map((service) => [keyOf(service), service]));
    this.#listener = listener;
    this.#tell();
    // Whoever has it changes it, or takes it back; what nobody has is for the one whose turn it is.
    const always = (): boolean => true;
    await this.#commands.hear(channels.addService, always, (service) => this.#inTurn.run(() => this.#add(service)));
    await this.#commands.hear(channels.removeService, always, (service) =>
      this.#inTurn.run(() => this.#remove(service)),
    );
  }

  async stop(): Promise<void> {
    await this.#commands.stop();
    this.#listener = undefined;
  }

  async #add(service: AddService): Promise<Said | undefined> {
    const key = keyOf(service);
    if (!this.#services.has(key) && !this.#isOurs(key)) return undefined;
    if (!this.#services.has(key) && this.#services.size >= ANNOUNCED_MOST) {
      throw new CommandError(
        `service ${key} is not added: ${ANNOUNCED_MOST} are announced here, and no more may be; take some back first`,
      );
    }
    await this.#keep(new Map(this.#services).set(key, service), `service ${key} is not added`);
    return {};
  }

  async #remove(service: RemoveService): Promise<Said | undefined> {
    const key = keyOf(service);
    const left = new Map(this.#services);
    if (!left.delete(key)) {
      if (!this.#isOurs(key)) return undefined;
      throw new CommandError(
        `service ${key} was not announced here: only what "services/add" added is taken back so; what Kubernetes or ` +
          'Swarm run goes when it is removed there',
      );
    }
    await this.#keep(left, `service ${key} is not taken back`);
    return {};
  }

  /** Whether what we do not have is ours to take, or to say that nobody has it. */
  #isOurs(key: string): boolean {
    const { speaks, isElsewhere } = this.#options;
    return speaks() && !isElsewhere(key);
  }

  /** First on disk, then told: what is answered outlives a crash. */
  async #keep(services: Map<string, AddService>, failure: string): Promise<void> {
    try {
      await this.#options.kept.write({ services: [...services.values()] });
    } catch (cause) {
      const why = (cause as Error).message;
      throw new CommandError(`${failure}: it cannot be kept on disk: ${why}; mend that, and say it again`, { cause });
    }
    this.#services = services;
    this.#tell();
  }

  #tell(): void {
    const { address } = this.#options;
    this.#listener?.has(
      [...this.#services.values()].map((service): ServiceRecord => ({
        ...service,
        address: service.address ?? address,
      })),
    );
  }
}
