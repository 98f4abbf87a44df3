import {
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
  type Event,
  type ScalarEvent,
} from 'js-yaml';
import type { Complaints } from './complaints.ts';
import { LineIndex } from './line-index.ts';
import { plainValue } from './plain-value.ts';
import { pathText, show, type Path } from './problem.ts';

/** A YAML or JSON text: its value and where each part of it stands. */
export interface YamlDocument {
  /** Plain data; `undefined` when the text is empty or not YAML. A part that an alias names is the same object. */
  readonly value: unknown;
  readonly locate: (paths: readonly Path[]) => number[];
}

/**
 * Reads a YAML text (JSON is a part of YAML) from the parser's flat events: an order of magnitude faster than through a
 * syntax tree, and the events keep all places. Duplicate keys, tags, merge keys and aliases that go in circles are
 * refused. An alias is shared, never copied, so no text is larger in memory than its own length.
 *
 * @param aliases whether there may be any: who walks through all that they name may walk without end.
 */
export function readYaml(
  text: string,
  complaints: Complaints,
  aliases: 'aliases' | 'no aliases' = 'aliases',
): YamlDocument {
  let events: Event[] = [];
  try {
    events = parseEvents(text, {});
  } catch (error) {
    complaints.error(
      [],
      `is not ${/^\s*[{[]/.test(text) ? 'JSON' : 'YAML'}: ${reason(error)}; correct it`,
      errorLine(error),
    );
  }
  const index = lazily(() => new LineIndex(text));
  const lineAt = (offset: number): number => index().lineAt(offset);
  if (aliases === 'no aliases') refuseAliases(text, events, complaints, lineAt);
  const value = new Builder(text, events, complaints, lineAt).document();
  return { value, locate: (paths) => locate(paths, text, events, lineAt) };
}

function refuseAliases(
  text: string,
  events: readonly Event[],
  complaints: Complaints,
  lineAt: (offset: number) => number,
): void {
  const alias = events.find(({ type }) => type === EVENT_ID.ALIAS);
  if (alias?.type !== EVENT_ID.ALIAS) return;
  const name = text.slice(alias.anchorStart, alias.anchorEnd);
  complaints.error([], `has the alias *${name}, which no export has; export it again`, lineAt(startOf(alias)));
}

function reason(error: unknown): string {
  if (error instanceof YAMLException) return error.reason;
  return error instanceof Error ? error.message : String(error);
}

function errorLine(error: unknown): number {
  return error instanceof YAMLException && error.mark !== undefined && error.mark !== null ? error.mark.line + 1 : 0;
}

function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

/** Makes plain data of events, depth first; the parser bounds the depth at 100. */
class Builder {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #complaints: Complaints;
  readonly #lineAt: (offset: number) => number;
  readonly #anchors = new Map<string, unknown>();
  readonly #path: (string | number)[] = [];
  #next = 0;

  constructor(text: string, events: readonly Event[], complaints: Complaints, lineAt: (offset: number) => number) {
    this.#text = text;
    this.#events = events;
    this.#complaints = complaints;
    this.#lineAt = lineAt;
  }

  document(): unknown {
    if (this.#events.length === 0) return undefined;
    this.#next = 1;
    const value = this.#atPop() ? undefined : this.#node();
    this.#next += 1;
    const second = this.#events[this.#next + 1];
    if (this.#next < this.#events.length) {
      this.#error('holds a second YAML document; keep one, with no "---" after its beginning', second);
    }
    return value;
  }

  #node(): unknown {
    const event = this.#events[this.#next];
    this.#next += 1;
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#anchored(event, this.#scalar(event));
      case EVENT_ID.ALIAS:
        return this.#alias(event);
      case EVENT_ID.SEQUENCE:
        return this.#sequence(event);
      case EVENT_ID.MAPPING:
        return this.#mapping(event);
      default:
        return undefined;
    }
  }

  #sequence(event: Extract<Event, { type: 2 }>): unknown[] {
    this.#refuseTag(event);
    this.#open(event);
    const items: unknown[] = [];
    while (!this.#atPop()) {
      this.#path.push(items.length);
      items.push(this.#node());
      this.#path.pop();
    }
    this.#next += 1;
    return this.#anchored(event, items);
  }

  #mapping(event: Extract<Event, { type: 3 }>): Record<string, unknown> {
    this.#refuseTag(event);
    this.#open(event);
    const mapping: Record<string, unknown> = {};
    while (!this.#atPop()) {
      const keyEvent = this.#events[this.#next];
      if (keyEvent?.type !== EVENT_ID.SCALAR) {
        this.#error('has a key that is not text; give a name', keyEvent);
        this.#node();
        this.#node();
        continue;
      }
      this.#next += 1;
      const key = getScalarValue(this.#text, keyEvent);
      this.#path.push(key);
      if (Object.hasOwn(mapping, key)) this.#error('is given twice; keep one', keyEvent);
      const value = this.#node();
      if (key === '__proto__') Object.defineProperty(mapping, key, { value, enumerable: true });
      else mapping[key] = value;
      this.#path.pop();
    }
    this.#next += 1;
    return this.#anchored(event, mapping);
  }

  #scalar(event: ScalarEvent): unknown {
    const text = getScalarValue(this.#text, event);
    const tag = event.tagStart === -1 ? '' : this.#text.slice(event.tagStart, event.tagEnd);
    if (tag === '!!str' || tag === '!') return text;
    this.#refuseTag(event);
    return event.style === SCALAR_STYLE.PLAIN ? plainValue(text) : text;
  }

  #alias(event: Extract<Event, { type: 5 }>): unknown {
    const name = this.#text.slice(event.anchorStart, event.anchorEnd);
    const value = this.#anchors.get(name);
    if (value === OPEN) this.#error(`alias *${name} stands within what it names; take it out`, event);
    else if (!this.#anchors.has(name)) this.#error(`no anchor &${name} stands before this alias; put one`, event);
    return value === OPEN ? undefined : value;
  }

  #open(event: { anchorStart: number; anchorEnd: number }): void {
    this.#anchored(event, OPEN);
  }

  #anchored<Value>(event: { anchorStart: number; anchorEnd: number }, value: Value): Value {
    if (event.anchorStart !== -1) this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), value);
    return value;
  }

  #refuseTag(event: Exclude<Event, { type: 1 | 5 | 6 }>): void {
    if (event.tagStart === -1) return;
    const tag = this.#text.slice(event.tagStart, event.tagEnd);
    this.#error(`has the tag ${show(tag)}; take it out, or put text that begins with "!" in quotes`, event);
  }

  #atPop(): boolean {
    const event = this.#events[this.#next];
    return event === undefined || event.type === EVENT_ID.POP;
  }

  #error(message: string, event: Event | undefined): void {
    this.#complaints.error([...this.#path], message, this.#lineAt(event === undefined ? 0 : startOf(event)));
  }
}

/** Stands for the value of an anchor while that is being read. */
const OPEN = Symbol('open');

function startOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart;
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    default:
      return 0;
  }
}

/** Goes through the events once more and notes the lines of the paths, or of the nearest part above them. */
function locate(
  paths: readonly Path[],
  text: string,
  events: readonly Event[],
  lineAt: (offset: number) => number,
): number[] {
  const wanted = new Map<string, number>();
  for (const path of paths)
    for (let length = 0; length <= path.length; length += 1) wanted.set(pathText(path.slice(0, length)), 0);
  const note = (path: string, offset: number): void => {
    if (wanted.get(path) === 0) wanted.set(path, lineAt(offset));
  };
  let next = 1;
  const visit = (path: string): void => {
    const event = events[next];
    next += 1;
    if (event === undefined) return;
    note(path, startOf(event));
    if (event.type !== EVENT_ID.SEQUENCE && event.type !== EVENT_ID.MAPPING) return;
    for (let item = 0; events[next] !== undefined && events[next]?.type !== EVENT_ID.POP; item += 1) {
      const key = event.type === EVENT_ID.MAPPING ? events[next] : undefined;
      if (key === undefined) visit(`${path}[${item}]`);
      else if (key.type !== EVENT_ID.SCALAR) {
        visit('\0');
        visit('\0');
      } else {
        next += 1;
        const name = getScalarValue(text, key);
        const below = path === '' ? name : `${path}.${name}`;
        note(below, startOf(key));
        visit(below);
      }
    }
    next += 1;
  };
  if (events.length > 0) visit('');
  return paths.map((path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const line = wanted.get(pathText(path.slice(0, length)));
      if (line !== undefined && line > 0) return line;
    }
    return 0;
  });
}
