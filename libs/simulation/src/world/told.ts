import type { DeviceView, Effect, MonitorView } from '@guaita/cluster';
import type { Device, Id } from '@guaita/model';

/** What a host does and knows, by what its member has told since it began. */
export class Told {
  /** The devices that it watches. */
  readonly watched = new Map<Id, { readonly device: Device; readonly snmp: boolean }>();
  readonly monitors = new Map<Id, MonitorView>();
  readonly devices = new Map<Id, DeviceView>();
  readonly silences = new Set<Id>();
  readonly acknowledged = new Set<Id>();

  take(effect: Effect): void {
    switch (effect.kind) {
      case 'watch':
        this.watched.set(effect.device.device, { device: effect.device, snmp: effect.snmp });
        break;
      case 'unwatch':
        this.watched.delete(effect.device);
        break;
      case 'monitor':
        if (effect.view === undefined) this.monitors.delete(effect.monitor);
        else this.monitors.set(effect.monitor, effect.view);
        break;
      case 'device':
        if (effect.view === undefined) this.devices.delete(effect.device);
        else this.devices.set(effect.device, effect.view);
        break;
      case 'silence':
        if (effect.silence === undefined) this.silences.delete(effect.id);
        else this.silences.add(effect.id);
        break;
      case 'acknowledgement':
        if (effect.acknowledgement === undefined) this.acknowledged.delete(effect.alert);
        else this.acknowledged.add(effect.alert);
        break;
      case 'say':
      case 'store':
      case 'incarnation':
      case 'trouble':
        break;
    }
  }

  /** The program has ended. */
  clear(): void {
    this.watched.clear();
    this.monitors.clear();
    this.devices.clear();
    this.silences.clear();
    this.acknowledged.clear();
  }
}
