import { isEligible } from '@guaita/assignment';
import type { MonitorView } from '@guaita/messages';
import type { Id, Placement, Timestamp } from '@guaita/model';
import type { Now } from '../now.ts';
import type { AlertOptions } from './options.ts';
import { isolatedText, lostText, siteLostText } from './texts.ts';
import { KEEP, type Wish } from './wish.ts';

/**
 * A monitor that was never heard since somebody here could hear it may still have to be: over AntidoteDB it lives by its
 * second beat, and that says one in 60 s and is waited for 150 s.
 */
const UNHEARD_ms = 180_000;

/** So many connections of one run are told apart; a run has few. */
const SESSIONS = 1_000;
/** Episodes are below this (2³²): where the numbers of runs do not fit in, they begin anew. */
const EPISODES = 2 ** 32;

interface Known {
  view: MonitorView;
  /** Heard alive while somebody here could tell. */
  heard: boolean;
  /** Since when it is silent while somebody here could tell. */
  silence: { readonly from_ms: number; readonly since: Timestamp } | undefined;
  isolatedSince: Timestamp | undefined;
}

/** What is known of the monitors, and what is to be told of them. */
export class Monitors {
  readonly #patience: AlertOptions['patience'];
  readonly #known = new Map<Id, Known>();
  /** The monitors that may take devices, with all that tells whether they may take a certain one. */
  #able: readonly { readonly site: Id; readonly tags: string[] }[] = [];
  #wanted: number | undefined;
  #inTrouble = false;
  #summary = '';

  constructor({ patience }: Pick<AlertOptions, 'patience'>) {
    this.#patience = patience;
  }

  /** Takes in what is known of a monitor. Tells whether it matters to how many monitors devices should have. */
  hear(monitor: Id, view: MonitorView | undefined, now: Now): boolean {
    if (view === undefined) this.#known.delete(monitor);
    else this.#note(monitor, view);
    this.#listen(now);
    return this.#summarise();
  }

  /** All that are known. */
  ids(): IterableIterator<Id> {
    return this.#known.keys();
  }

  /** All their sites. */
  sites(): ReadonlySet<Id> {
    return new Set([...this.#known.values()].map(({ view }) => view.site));
  }

  hasSite(site: Id): boolean {
    return [...this.#known.values()].some(({ view }) => view.site === site);
  }

  get(monitor: Id): MonitorView | undefined {
    return this.#known.get(monitor)?.view;
  }

  /** A monitor is lost or isolated: that is told, and why devices have fewer monitors. */
  get inTrouble(): boolean {
    return this.#inTrouble;
  }

  /** How many monitors a device should have; `undefined` when nobody can tell, or no monitor could watch it. */
  wanted(placement: Placement | undefined): number | undefined {
    // Of 35,000 devices most may be watched by all.
    const able = this.#able;
    const could = placement === undefined ? able.length : able.filter((each) => isEligible(each, placement)).length;
    return this.#wanted === undefined || could === 0 ? undefined : Math.min(this.#wanted, could);
  }

  wish(kind: 'monitor-lost' | 'monitor-isolated', monitor: Id, now: Now): Wish {
    const known = this.#known.get(monitor);
    if (known === undefined) return KEEP;
    return kind === 'monitor-lost' ? this.#lostWish(monitor, known, now) : isolatedWish(monitor, known, now);
  }

  /** A site is lost when all of its monitors that are waited for are: the other sites say so. */
  siteWish(site: Id, { monotonic_ms, wall_ms }: Now): Wish {
    const awaited = [...this.#known].filter(([, { view }]) => view.site === site && view.draining !== true);
    if (awaited.some(([, { view }]) => view.alive)) return { is: 'end', text: `Site ${site} is heard again` };
    if (awaited.length === 0) return { is: 'end', text: `Site ${site} is drained: nobody waits for it` };
    let due_ms = -Infinity;
    for (const [, { silence, heard, view }] of awaited) {
      // One that is cut off is told of by its own last word.
      if (silence === undefined || view.isolated) return KEEP;
      due_ms = Math.max(due_ms, silence.from_ms + this.#waits_ms(view, heard));
    }
    if (monotonic_ms < due_ms) return { is: 'keep', due_ms };
    const since =
      awaited
        .map(([, { silence }]) => silence?.since ?? '')
        .sort()
        .at(-1) ?? '';
    const episode = Math.max(...awaited.map(([, { view }]) => episodeOf(view, view.session ?? 0)));
    const monitors = awaited.map(([monitor]) => monitor).sort();
    return { is: 'begin', episode, since, text: siteLostText(site, monitors, since, wall_ms) };
  }

  /** Nothing is heard of its site at all: that is told instead. */
  #isSiteSilent(site: Id): boolean {
    return [...this.#known.values()].every(({ view }) => view.site !== site || view.draining === true || !view.alive);
  }

  /** A drained monitor may go. Where all that live are isolated, nobody can tell whether it is they or the others. */
  #lostWish(monitor: Id, { view, silence, heard }: Known, { monotonic_ms, wall_ms }: Now): Wish {
    const who = `Monitor ${monitor} at ${view.site}`;
    if (view.alive) return { is: 'end', text: `${who} is heard again` };
    if (view.draining === true) return { is: 'end', text: `${who} is drained: nobody waits for it` };
    if (view.isolated || silence === undefined || this.#isSiteSilent(view.site)) return KEEP;
    const due_ms = silence.from_ms + this.#waits_ms(view, heard);
    if (monotonic_ms < due_ms) return { is: 'keep', due_ms };
    const { since } = silence;
    return {
      ...{ is: 'begin', episode: episodeOf(view, view.session ?? 0), since },
      text: lostText(monitor, view.site, since, wall_ms),
    };
  }

  /** How long a monitor must be silent before it is lost. */
  #waits_ms({ tags = [] }: MonitorView, heard: boolean): number {
    return heard ? this.#patience(tags).monitor_lost_after_s * 1000 : UNHEARD_ms;
  }

  #note(monitor: Id, view: MonitorView): void {
    const known = this.#known.get(monitor) ?? {
      ...{ view, heard: false, silence: undefined, isolatedSince: undefined },
    };
    known.view = view;
    known.isolatedSince = view.isolated ? (known.isolatedSince ?? view.at) : undefined;
    this.#known.set(monitor, known);
  }

  /** Silence counts from when somebody here listens who is not isolated. */
  #listen({ monotonic_ms }: Now): void {
    const listens = [...this.#known.values()].some(({ view }) => view.alive && !view.isolated);
    for (const known of this.#known.values()) {
      const { view } = known;
      if (view.alive) known.heard = listens;
      else if (!listens) known.heard = false;
      if (view.alive || !listens) known.silence = undefined;
      else known.silence ??= { from_ms: monotonic_ms, since: view.at };
    }
  }

  #summarise(): boolean {
    const views = [...this.#known.values()].map(({ view }) => view);
    const live = views.filter(({ alive }) => alive);
    this.#able = live
      .filter(
        ({ probing, isolated, draining = false, capacity = 1 }) => probing && !isolated && !draining && capacity > 0,
      )
      .map(({ site, tags = [] }) => ({ site, tags }));
    this.#wanted = live.find((view) => view.monitors_per_device !== undefined)?.monitors_per_device;
    this.#inTrouble = views.some(({ alive, isolated, draining = false }) => (!alive && !draining) || isolated);
    const before = this.#summary;
    this.#summary = JSON.stringify([this.#able, this.#wanted, this.#inTrouble]);
    return this.#summary !== before;
  }
}

/**
 * A monitor is isolated by its own word, the last one it said; so who falls silent because of it is told of once. It
 * counts itself how often: every broker names it alike.
 */
function isolatedWish(monitor: Id, { view, isolatedSince }: Known, { wall_ms }: Now): Wish {
  const { site, isolated, isolations = 0 } = view;
  if (!isolated) return { is: 'end', text: `Monitor ${monitor} at ${site} reaches its anchors again` };
  const since = isolatedSince ?? view.at;
  return {
    ...{ is: 'begin', episode: episodeOf(view, isolations), since },
    text: isolatedText(monitor, site, since, wall_ms),
  };
}

/** One number of a run and what is counted in it. */
function episodeOf({ incarnation = 0 }: MonitorView, count: number): number {
  return (incarnation * SESSIONS + (count % SESSIONS)) % EPISODES;
}
