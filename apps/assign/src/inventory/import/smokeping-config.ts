import { Complaints } from '../complaints.ts';
import type { Harvest, Place } from './harvest.ts';

/** What an `@include` names: the text, or why it cannot be had. */
export type Included = { readonly file: string; readonly text: string } | { readonly problem: string };

/** Finds what an `@include` in a file names. */
export type Include = (name: string, from: string) => Included;

/** A section, `*** Targets ***` or any number of `+` below it. */
export interface Section {
  readonly name: string;
  readonly place: Place;
  readonly settings: ReadonlyMap<string, string>;
  readonly sections: readonly Section[];
}

interface OpenSection extends Section {
  readonly settings: Map<string, string>;
  readonly sections: OpenSection[];
}

/** A real configuration has a dozen; more is a chain of files that name each other. */
const MAX_DEPTH = 16;
const MAX_FILES = 1000;
/** What a line may be, also after `@define`, which could double it again and again. */
const MAX_LINE = 65_536;

/**
 * Reads a SmokePing configuration, or one file of it, as its parser (Config::Grammar) does: comments, lines that go on
 * after `\`, `@include`, `@define`, sections by `***` and `+`, settings by `=`. A file that begins with `+` is a part of
 * the targets.
 */
export class SmokePingConfig {
  readonly #harvest: Harvest;
  readonly #include: Include;
  readonly #tops = new Map<string, OpenSection>();
  readonly #defines = new Map<string, string>();
  /** The open sections, the outermost first. */
  #open: OpenSection[] = [];
  #files = 0;

  constructor(harvest: Harvest, include: Include) {
    this.#harvest = harvest;
    this.#include = include;
  }

  /** The section of a name at the top, where there is one. */
  top(name: string): Section | undefined {
    return this.#tops.get(name);
  }

  read(file: string, text: string, trail: readonly string[] = []): void {
    const sheet = this.#harvest.sheet(file, (paths) => paths.map(() => 0), new Complaints());
    this.#files += 1;
    const lines = text.split(/\r\n?|\n/);
    for (let index = 0; index < lines.length; index += 1) {
      const at: Place = { sheet, path: [], line: index + 1 };
      let line = withoutComment(lines[index] ?? '');
      while (line.endsWith('\\') && index + 1 < lines.length && line.length <= MAX_LINE) {
        index += 1;
        line = `${line.slice(0, -1)} ${(lines[index] ?? '').trim()}`;
      }
      if (line.length > MAX_LINE) {
        error(at, `is longer than ${MAX_LINE} characters, which no target is; correct it`);
        return;
      }
      if (line !== '') this.#line(line, at, [...trail, file]);
    }
  }

  #line(given: string, place: Place, trail: readonly string[]): void {
    const include = /^@include\s+["']?(.*?)["']?$/.exec(given)?.[1];
    if (include !== undefined) return this.#readIncluded(include, place, trail);
    const define = /^@define\s+(\S+)\s+(.*)$/.exec(given);
    if (define !== null) return void this.#defines.set(define[1] ?? '', define[2] ?? '');
    const line = this.#expanded(given, place);
    const top = /^\*\*\*\s*(.*?)\s*\*\*\*$/.exec(line)?.[1];
    if (top !== undefined) return this.#openTop(top, place);
    const below = /^(\++)\s*(.*)$/.exec(line);
    if (below !== null) return this.#openBelow((below[1] ?? '').length, below[2] ?? '', place);
    const setting = /^(\S+?)\s*=\s*(.*)$/.exec(line);
    // Tables and texts, which other sections hold, say nothing of targets.
    if (setting !== null) this.#open.at(-1)?.settings.set(setting[1] ?? '', setting[2] ?? '');
  }

  #readIncluded(name: string, place: Place, trail: readonly string[]): void {
    if (trail.length > MAX_DEPTH || this.#files >= MAX_FILES) {
      error(
        place,
        `@include ${name}: more than ${MAX_DEPTH} files in a chain or ${MAX_FILES} in all; do they include each other?`,
      );
      return;
    }
    const included = this.#include(name, place.sheet.file);
    if ('problem' in included) error(place, `@include ${name}: ${included.problem}`);
    else if (trail.includes(included.file)) error(place, `@include ${name}: includes itself; take this line out`);
    else this.read(included.file, included.text, trail);
  }

  #expanded(line: string, place: Place): string {
    let text = line;
    for (const [name, value] of this.#defines) {
      text = text.replaceAll(name, () => value);
      if (text.length <= MAX_LINE) continue;
      error(place, `@define ${name} makes this line longer than ${MAX_LINE} characters; take one of the two out`);
      return '';
    }
    return text;
  }

  #openTop(name: string, place: Place): void {
    const known = this.#tops.get(name) ?? section(name, place);
    this.#tops.set(name, known);
    this.#open = [known];
  }

  #openBelow(level: number, name: string, place: Place): void {
    if (this.#open.length === 0) this.#openTop('Targets', place);
    if (level > this.#open.length) {
      error(place, `${'+'.repeat(level)} ${name} stands below nothing; put a section with one "+" less before it`);
      return;
    }
    const opened = section(name, place);
    this.#open = this.#open.slice(0, level);
    this.#open.at(-1)?.sections.push(opened);
    this.#open.push(opened);
  }
}

function withoutComment(line: string): string {
  const hash = line.indexOf('#');
  return (hash === -1 ? line : line.slice(0, hash)).trim();
}

function section(name: string, place: Place): OpenSection {
  return { name, place, settings: new Map(), sections: [] };
}

function error({ sheet, path, line }: Place, message: string): void {
  sheet.complaints.error(path, message, line);
}
