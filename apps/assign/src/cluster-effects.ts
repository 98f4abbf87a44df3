import type { MonitorView } from '@guaita/cluster';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { MonitorContext, RetainedKeeper } from '@guaita/service';
import type { LocalEffect } from './cluster-runner.ts';
import type { ForgottenMonitors } from './forgotten-monitors.ts';
import type { AssignMetrics } from './metrics.ts';
import { assignedPayload, monitorPayload, specPayload } from './statements.ts';
import type { IdentityFile } from './store/identity-file.ts';
import type { IntentStore } from './store/intent-store.ts';

export interface ClusterEffectsOptions {
  readonly context: MonitorContext;
  /** What this monitor's own services are told. */
  readonly assigned: RetainedKeeper;
  /** What the broker's audience is told. */
  readonly audience: RetainedKeeper;
  readonly intents: IntentStore;
  readonly identity: IdentityFile;
  readonly forgotten: ForgottenMonitors;
  readonly metrics: AssignMetrics;
  /** The own inventory file in which a device stands. */
  readonly fileOf: (device: Id) => string | undefined;
  /** This monitor as it is known to itself. */
  readonly ownView: () => MonitorView | undefined;
  /** Told of each device that is claimed, or claimed otherwise than before. */
  readonly watched: (device: Id) => void;
}

/** Does what a member of the cluster wants done on this host: each change by itself, at no cost but its own. */
export class ClusterEffects {
  readonly #options: ClusterEffectsOptions;
  readonly #troubles = new Map<string, string>();

  constructor(options: ClusterEffectsOptions) {
    this.#options = options;
  }

  /** Does one effect. An incarnation is on disk when this returns; all else is on its way. */
  apply(effect: LocalEffect): void {
    const { assigned, audience, context, fileOf, forgotten, intents, watched } = this.#options;
    const { wire, monitor } = context;
    switch (effect.kind) {
      case 'watch': {
        const { device } = effect.device;
        const topic = channels.assigned.topic(wire.base, { monitor, device });
        assigned.set(topic, assignedPayload(effect.device, effect.snmp));
        watched(device);
        return;
      }
      case 'unwatch':
        assigned.set(channels.assigned.topic(wire.base, { monitor, device: effect.device }), undefined);
        return;
      case 'monitor':
        this.#monitor(effect.monitor, effect.view);
        return;
      case 'device': {
        const { device, view } = effect;
        const payload = view === undefined ? undefined : specPayload(view, monitor, fileOf(device));
        audience.set(channels.spec.topic(wire.base, { device }), payload);
        return;
      }
      case 'silence': {
        const payload = effect.silence === undefined ? undefined : channels.silence.encode(effect.silence);
        audience.set(channels.silence.topic(wire.base, { silence: effect.id }), payload);
        return;
      }
      case 'acknowledgement': {
        const { alert, acknowledgement: given } = effect;
        const payload = given === undefined ? undefined : channels.acknowledgement.encode(given);
        audience.set(channels.acknowledgement.topic(wire.base, { alert }), payload);
        return;
      }
      case 'store':
        intents.keep(effect.bucket, effect.intents);
        forgotten.follow(effect.intents);
        return;
      case 'incarnation':
        this.#raise(effect.incarnation);
        return;
      case 'trouble':
        this.#trouble(effect.about, effect.problem);
    }
  }

  #monitor(id: Id, view: MonitorView | undefined): void {
    const { audience, context, intents, metrics } = this.#options;
    const { clock, monitor, wire } = context;
    const troubles = id === monitor ? [...this.#troubles.values()] : [];
    const payload = view === undefined ? undefined : monitorPayload(view, troubles, clock.now_ms());
    audience.set(channels.cluster.topic(wire.base, { monitor: id }), payload);
    if (id !== monitor) intents.heardOfOthers();
    else if (view !== undefined) metrics.own(view);
  }

  #raise(incarnation: number): void {
    const { context, identity } = this.#options;
    try {
      identity.raise(incarnation);
    } catch (error) {
      // Others know the greater one, and tell it when this one is forgotten here.
      const cause = error instanceof Error ? error.message : String(error);
      context.log.error({ err: error }, `incarnation ${incarnation} cannot be written: ${cause}`);
    }
  }

  /** A link that fails is shown, and no reason to take this service for dead: there are others, and what is known stays. */
  linkTrouble(about: string, problem: string | undefined): void {
    this.#options.context.health.report(about, true, problem);
    this.#show(about, problem);
  }

  #trouble(about: string, problem: string | undefined): void {
    this.#options.context.health.report(about, problem === undefined, problem);
    this.#show(about, problem);
  }

  #show(about: string, problem: string | undefined): void {
    const { context, ownView } = this.#options;
    if (problem === undefined) this.#troubles.delete(about);
    else this.#troubles.set(about, problem);
    const view = ownView();
    if (view !== undefined) this.#monitor(context.monitor, view);
  }
}
