import { nearest } from '@guaita/service';
import { printable, show, type Path, type Problem, type Severity } from './problem.ts';

/** A problem of a known file whose line is known already, or found by its path when all have been collected. */
export interface Complaint {
  readonly severity: Severity;
  readonly path: Path;
  readonly message: string;
  readonly line?: number | undefined;
}

/** More than anybody reads at once; a file of junk must not fill the memory with its own description. */
const MAX_COMPLAINTS = 10_000;

/** Collects everything that is to be said about one file. */
export class Complaints {
  readonly list: Complaint[] = [];
  #more = 0;
  #guesses = 0;

  error(path: Path, message: string, line?: number): void {
    this.#add({ severity: 'error', path, message, line });
  }

  warn(path: Path, message: string, line?: number): void {
    this.#add({ severity: 'warning', path, message, line });
  }

  note(path: Path, message: string, line?: number): void {
    this.#add({ severity: 'note', path, message, line });
  }

  /** Refuses a name that is not known, with the one that was probably meant. */
  unknown(path: Path, name: string, what: string, known: Iterable<string>, line?: number): void {
    this.error(path, `${show(name)} is no known ${what}; ${this.guess(name, known)}`, line);
  }

  /** `did you mean "address"?`, or what else can be done. Searched for a few only: a wrong file has very many. */
  guess(name: string, known: Iterable<string>): string {
    this.#guesses += 1;
    const guess = this.#guesses > MAX_GUESSES || name.length > MAX_GUESS_LENGTH ? undefined : nearest(name, known);
    return guess === undefined ? 'take it out, or look it up in docs/inventory.md' : `did you mean "${guess}"?`;
  }

  /** How many there were above those in `list`. */
  get more(): number {
    return this.#more;
  }

  #add(complaint: Complaint): void {
    // A note never takes an error's place.
    if (this.list.length < MAX_COMPLAINTS) this.list.push(complaint);
    else if (complaint.severity === 'error') this.#more += 1;
  }

  /** All of them with file and line; those without a line get it from `locate`. */
  problems(
    file: string,
    locate: (paths: readonly Path[]) => readonly number[],
    text: (path: Path) => string,
  ): Problem[] {
    const searched = this.list.filter(({ line }) => line === undefined);
    const lines = searched.length === 0 ? [] : locate(searched.map(({ path }) => path));
    const found = new Map(searched.map((complaint, index) => [complaint, lines[index] ?? 0]));
    const problems = this.list.map((complaint): Problem => {
      const { severity, path, message } = complaint;
      const line = complaint.line ?? found.get(complaint) ?? 0;
      return { severity, file, line, path: text(path), message: printable(message) };
    });
    problems.sort((a, b) => a.line - b.line);
    if (this.#more > 0) {
      const message = `has ${this.#more} more mistakes; mend these first`;
      problems.push({ severity: 'error', file, line: 0, path: '', message });
    }
    return problems;
  }
}

/** Each guess compares with every known name, which may be 100,000 devices. */
const MAX_GUESSES = 50;
const MAX_GUESS_LENGTH = 100;
