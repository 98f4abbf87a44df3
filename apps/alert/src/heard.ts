import { ALL_KEPT } from '@guaita/bus';
import { channels, type DeviceSpec, type MonitorView } from '@guaita/messages';
import type { Acknowledgement, Id, Silence } from '@guaita/model';
import { endInTurn, type MonitorContext } from '@guaita/service';
import { KeptTopics } from './kept-topics.ts';

/** Given what is known of each, when it is heard; `undefined`: nothing any more. */
export interface HeardOptions {
  readonly context: MonitorContext;
  readonly monitor: (monitor: Id, view: MonitorView | undefined) => void;
  readonly device: (device: Id, spec: DeviceSpec | undefined) => void;
  readonly silence: (id: Id, silence: Silence | undefined) => void;
  readonly acknowledgement: (alert: Id, given: Acknowledgement | undefined) => void;
}

/** All that assign tells the broker's audience: of monitors, of devices, and of what operators want of alerts. */
export class Heard {
  readonly #monitors: KeptTopics<MonitorView>;
  /** In the order in which they are to be heard. */
  readonly #all: readonly Pick<KeptTopics<unknown>, 'start' | 'stop' | 'sweep'>[];

  constructor({ context, monitor, device, silence, acknowledgement }: HeardOptions) {
    const { wire } = context;
    this.#monitors = new KeptTopics({
      context,
      hear: (tell) => wire.hear(channels.cluster, {}, ({ parameters: p, value }) => tell(p.monitor, value), ALL_KEPT),
      take: monitor,
    });
    const devices = new KeptTopics({
      context,
      hear: (tell) => wire.hear(channels.spec, {}, ({ parameters: p, value }) => tell(p.device, value), ALL_KEPT),
      take: device,
    });
    const silences = new KeptTopics({
      context,
      hear: (tell) => wire.hear(channels.silence, {}, ({ parameters: p, value }) => tell(p.silence, value), ALL_KEPT),
      take: silence,
    });
    const acknowledgements = new KeptTopics({
      context,
      hear: (tell) =>
        wire.hear(channels.acknowledgement, {}, ({ parameters: p, value }) => tell(p.alert, value), ALL_KEPT),
      take: acknowledgement,
    });
    this.#all = [this.#monitors, devices, silences, acknowledgements];
  }

  get knowsMonitors(): boolean {
    return this.#monitors.size > 0;
  }

  async start(): Promise<void> {
    for (const topics of this.#all) await topics.start();
  }

  async stop(): Promise<void> {
    const failures = await endInTurn(this.#all.toReversed().map((topics) => () => topics.stop()));
    if (failures.length > 0) throw new AggregateError(failures, 'what assign says is still heard');
  }

  /** Lets go of what was taken away unheard. To be called now and then. */
  sweep(): void {
    for (const topics of this.#all) topics.sweep();
  }
}
