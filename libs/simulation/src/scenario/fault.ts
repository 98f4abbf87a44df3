import type { Device, Id } from '@guaita/model';
import type { Weather } from '../network/pipe.ts';

/** Something that goes wrong, or that somebody does. It begins at `at_ms`; what lasts, lasts for `for_ms`. */
export type Fault = { readonly at_ms: number } & (
  | {
      readonly kind: 'crash';
      readonly monitor: Id;
      /** The whole host, with a broker of its own; or the program alone. */
      readonly what: 'host' | 'program';
      readonly disk: 'kept' | 'lost';
      /** When it is back; never, when left out. */
      readonly back_ms?: number;
    }
  | { readonly kind: 'leave'; readonly monitor: Id; readonly by: Id; readonly back_ms?: number }
  | { readonly kind: 'drain'; readonly monitor: Id; readonly by: Id; readonly for_ms: number }
  | { readonly kind: 'join'; readonly monitor: Id }
  | { readonly kind: 'capacity'; readonly monitor: Id; readonly capacity: number }
  | { readonly kind: 'forget'; readonly monitor: Id; readonly by: Id }
  | { readonly kind: 'stall'; readonly monitor: Id; readonly for_ms: number }
  | {
      /** It lives and is connected, but no beat of its comes to these, who take it for dead once their patience ends. */
      readonly kind: 'wrong belief';
      readonly monitor: Id;
      readonly by: readonly Id[];
      readonly for_ms: number;
    }
  | { readonly kind: 'isolation'; readonly monitor: Id; readonly for_ms: number }
  | { readonly kind: 'no probes'; readonly monitor: Id; readonly for_ms: number }
  | { readonly kind: 'wall clock'; readonly monitor: Id; readonly by_ms: number }
  | {
      readonly kind: 'cut';
      readonly from: readonly Id[];
      readonly to: readonly Id[];
      readonly ways: 'one' | 'both';
      /** Between sites, the database's replication is cut as well. */
      readonly database: boolean;
      readonly for_ms: number;
    }
  | { readonly kind: 'broker restart'; readonly broker: Id; readonly emptied: boolean; readonly for_ms: number }
  | { readonly kind: 'frozen broker'; readonly broker: Id; readonly for_ms: number }
  | { readonly kind: 'late will'; readonly monitor: Id; readonly for_ms: number }
  | { readonly kind: 'weather'; readonly weather: Weather; readonly for_ms: number }
  | { readonly kind: 'add'; readonly device: Device; readonly by: Id }
  | { readonly kind: 'remove'; readonly device: Id; readonly by: Id }
  /** A silence that ends so much later; before now, where that is below 0: then it is withdrawn at once. */
  | { readonly kind: 'silence'; readonly silence: Id; readonly by: Id; readonly for_ms: number }
  | { readonly kind: 'end of silence'; readonly silence: Id; readonly by: Id }
  | { readonly kind: 'acknowledge'; readonly alert: Id; readonly by: Id }
  | { readonly kind: 'file'; readonly monitor: Id; readonly devices: readonly Device[] }
  | { readonly kind: 'device down'; readonly device: Id; readonly for_ms: number }
  | { readonly kind: 'database away'; readonly site: Id; readonly for_ms: number }
  | { readonly kind: 'empty answers'; readonly site: Id; readonly for_ms: number }
  | { readonly kind: 'stale answers'; readonly site: Id; readonly for_ms: number }
  | { readonly kind: 'lost writes'; readonly site: Id }
);

/** A fault of one kind. */
export type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>;

/** What somebody does who may: no reason to leave a device without a watcher. */
export const HARMLESS: ReadonlySet<Fault['kind']> = new Set([
  'leave',
  'drain',
  'join',
  'add',
  'remove',
  'silence',
  'end of silence',
  'acknowledge',
  'file',
  'wall clock',
  'device down',
  'forget',
]);

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;
const all = (ids: readonly Id[]): string => ids.join(', ');
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A fault in words. */
export function tell(fault: Fault): string {
  switch (fault.kind) {
    case 'crash': {
      const what = fault.what === 'host' ? `the host of ${fault.monitor} dies` : `${fault.monitor}'s program is killed`;
      const disk = fault.disk === 'lost' ? ', its disk is lost' : '';
      return `${what}${disk}${fault.back_ms === undefined ? ', for good' : `; back in ${seconds(fault.back_ms)}`}`;
    }
    case 'leave':
      return `${fault.monitor} is drained at ${fault.by}, to be stopped when it has handed over${fault.back_ms === undefined ? '' : `; back ${seconds(fault.back_ms)} after that`}`;
    case 'drain':
      return `${fault.monitor} is drained at ${fault.by} for ${seconds(fault.for_ms)}`;
    case 'join':
      return `${fault.monitor} joins`;
    case 'capacity':
      return `${fault.monitor} is restarted with capacity ${fault.capacity}`;
    case 'forget':
      return `${fault.monitor} is forgotten at ${fault.by}`;
    case 'stall':
      return `${fault.monitor} does nothing for ${seconds(fault.for_ms)}: its host is too slow`;
    case 'wrong belief':
      return `no beat of ${fault.monitor} comes to ${all(fault.by)} for ${seconds(fault.for_ms)}, though it lives`;
    case 'isolation':
      return `${fault.monitor} reaches none of its anchors for ${seconds(fault.for_ms)}`;
    case 'no probes':
      return `${fault.monitor} finishes no probe for ${seconds(fault.for_ms)}`;
    case 'wall clock':
      return `the wall clock of ${fault.monitor} is set by ${seconds(fault.by_ms)}`;
    case 'cut':
      return `nothing goes ${fault.ways === 'one' ? 'from' : 'between'} ${all(fault.from)} ${fault.ways === 'one' ? 'to' : 'and'} ${all(fault.to)} for ${seconds(fault.for_ms)}${fault.database ? ', over the database either' : ''}`;
    case 'broker restart':
      return `the broker ${fault.broker} is away for ${seconds(fault.for_ms)}${fault.emptied ? ', and comes back empty' : ''}`;
    case 'frozen broker':
      return `the broker ${fault.broker} takes nothing for ${seconds(fault.for_ms)}`;
    case 'late will':
      return `${fault.monitor} loses its connection; the will of the old session is done ${seconds(fault.for_ms)} late`;
    case 'weather':
      return `for ${seconds(fault.for_ms)} the network loses ${percent(fault.weather.loss)}, doubles ${percent(fault.weather.doubling)}, reorders ${percent(fault.weather.reordering)}, and takes up to ${seconds(fault.weather.delay_ms[1])}`;
    case 'add':
      return `${fault.device.device} is added at ${fault.by}`;
    case 'remove':
      return `${fault.device} is removed at ${fault.by}`;
    case 'silence':
      return `the silence ${fault.silence} is set at ${fault.by}, ${fault.for_ms > 0 ? `for ${seconds(fault.for_ms)}` : 'and long over'}`;
    case 'end of silence':
      return `the silence ${fault.silence} is taken away at ${fault.by}`;
    case 'acknowledge':
      return `the alert ${fault.alert} is acknowledged at ${fault.by}`;
    case 'file':
      return `the file of ${fault.monitor} now has ${fault.devices.length === 0 ? 'nothing' : all(fault.devices.map(({ device }) => device))}`;
    case 'device down':
      return `${fault.device} does not answer for ${seconds(fault.for_ms)}`;
    case 'database away':
      return `the database of ${fault.site} is away for ${seconds(fault.for_ms)}`;
    case 'empty answers':
      return `the database of ${fault.site} answers with nothing for ${seconds(fault.for_ms)}`;
    case 'stale answers':
      return `the database of ${fault.site} answers with what it had, for ${seconds(fault.for_ms)}`;
    case 'lost writes':
      return `the database of ${fault.site} loses what it acknowledged last`;
  }
}
