import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { Path, Problem } from './problem.ts';
import { SYNTAX_PROBLEMS, OTHER_SYNTAX_PROBLEM } from './syntax-problems.ts';

/** A YAML file as plain values, and in which line each stands. */
export interface ConfigDocument {
  /** `{}` for an empty file and for one that is not readable. */
  readonly tree: Record<string, unknown>;
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
  /** False when so much is wrong that the tree says nothing: then the file's values are not worth checking. */
  readonly readable: boolean;
}

/** Far above any real configuration; aliases of aliases ("billion laughs") pass it at once. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 64;

/** A path as a key of a map. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/**
 * Reads the text of a configuration file. No text of the file is quoted in a problem but key names: any value may be
 * a secret.
 */
export function readDocument(file: string, text: string): ConfigDocument {
  const counter = new LineCounter();
  const problems: Problem[] = [];
  const lines = new Map<string, number>();
  const report = (offset: number, path: Path, cause: string, mend: string): void => {
    const { line } = counter.linePos(offset);
    problems.push({ origin: { kind: 'file', file, line: Math.max(1, line) }, path, cause, mend });
  };

  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    const [cause, mend] = SYNTAX_PROBLEMS[code] ?? OTHER_SYNTAX_PROBLEM;
    report(pos[0], [], cause, mend);
  }
  const root = document.contents;
  if (problems.length > 0) return { tree: {}, lines, problems, readable: false };
  if (root === null || (isScalar(root) && root.value === null)) return { tree: {}, lines, problems, readable: true };
  if (!isMap(root)) {
    report(root.range?.[0] ?? 0, [], 'is not a mapping', 'write sections and keys, as in "ping:" and "site: home"');
    return { tree: {}, lines, problems, readable: false };
  }
  const reader = new Reader(document, counter, lines, report);
  const tree = reader.read(root, []) as Record<string, unknown>;
  if (reader.overflown) return { tree: {}, lines, problems, readable: false };
  return { tree, lines, problems, readable: true };
}

/** Turns nodes into plain values: aliases followed, keys checked, everything bounded. */
class Reader {
  readonly #document: Document;
  readonly #counter: LineCounter;
  readonly #lines: Map<string, number>;
  readonly #report: (offset: number, path: Path, cause: string, mend: string) => void;
  #values = 0;
  #overflown = false;

  constructor(
    document: Document,
    counter: LineCounter,
    lines: Map<string, number>,
    report: (offset: number, path: Path, cause: string, mend: string) => void,
  ) {
    this.#document = document;
    this.#counter = counter;
    this.#lines = lines;
    this.#report = report;
  }

  get overflown(): boolean {
    return this.#overflown;
  }

  read(node: unknown, path: Path): unknown {
    this.#values += 1;
    if (this.#values > MAX_VALUES || path.length > MAX_DEPTH) {
      if (!this.#overflown) {
        this.#overflown = true;
        this.#report(0, [], 'holds far too much: values within values, or aliases of aliases', 'write them out');
      }
      return undefined;
    }
    if (isScalar(node)) return node.value;
    if (isAlias(node)) return this.#alias(node, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const below = [...path, index];
        this.#place(item, below);
        return this.read(item, below);
      });
    }
    if (isMap(node)) return this.#mapping(node, path);
    return null;
  }

  #alias(node: Node & { readonly source: string }, path: Path): unknown {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (target === undefined) {
      this.#report(
        node.range?.[0] ?? 0,
        path,
        'is an alias of nothing before it',
        'put text that begins with "*" in quotes',
      );
      return undefined;
    }
    return this.read(target, path);
  }

  #mapping(node: Node & { readonly items: readonly { key: unknown; value: unknown }[] }, path: Path): unknown {
    // Without a prototype no key can mean more than it says.
    const mapping = Object.create(null) as Record<string, unknown>;
    const firstLine = new Map<string, number>();
    for (const { key, value } of node.items) {
      if (this.#overflown) break;
      const offset = (key as Node | null)?.range?.[0] ?? node.range?.[0] ?? 0;
      const name = isScalar(key) ? keyName(key.value) : undefined;
      if (name === undefined || name === '' || name === '__proto__') {
        this.#report(offset, path, 'has a key that is no name', 'use plain names as keys');
        continue;
      }
      const below = [...path, name];
      const { line } = this.#counter.linePos(offset);
      const first = firstLine.get(name);
      if (first !== undefined) {
        this.#report(offset, below, `is written twice, first in line ${first}`, 'keep one of them');
        continue;
      }
      firstLine.set(name, line);
      this.#lines.set(pathKey(below), line);
      mapping[name] = this.read(value, below);
    }
    return mapping;
  }

  #place(node: unknown, path: Path): void {
    const offset = (node as Node | null)?.range?.[0];
    if (offset !== undefined) this.#lines.set(pathKey(path), this.#counter.linePos(offset).line);
  }
}

/** A key as text: `1:` and `true:` are names too. */
function keyName(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
