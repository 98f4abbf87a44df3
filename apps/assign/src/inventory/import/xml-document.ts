import type { Complaints } from '../complaints.ts';
import { pathText, type Path } from '../problem.ts';
import { readXml } from '../xml-events.ts';
import type { YamlDocument } from '../yaml-document.ts';

/** An element while it is open. */
interface Element {
  readonly name: string;
  readonly path: Path;
  readonly children: { readonly name: string; readonly value: unknown }[];
  text: string;
}

/** No export is as deep; what is would end the stack of whoever walks through it. */
const MAX_DEPTH = 100;

/**
 * Reads XML into the data that the same export has as YAML or JSON: an element of the plural's name is a list of those
 * that bear the singular's, one with other elements in it is a mapping, and the rest is text. Attributes are passed over.
 *
 * @param root the outermost element; of a text that has another, nothing but its name is read.
 */
export function readXmlDocument(text: string, root: string, complaints: Complaints): YamlDocument {
  const lines = new Map<string, number>();
  const top: Element = { name: '', path: [], children: [], text: '' };
  const open: Element[] = [top];
  /** How many elements are open that are not looked at. */
  let skipped = 0;
  const listener = {
    open: ({ name }: { name: string }, line: number) => {
      const parent = open.at(-1) ?? top;
      if (open.length > MAX_DEPTH && skipped === 0) {
        complaints.error([], `is nested deeper than ${MAX_DEPTH} elements; export it again`, line);
      }
      if (open.length > MAX_DEPTH || (open[1] !== undefined && open[1].name !== root)) {
        skipped += 1;
        return;
      }
      const path = [...parent.path, isList(parent.name, name) ? parent.children.length : name];
      if (path.length <= LOCATED_DEPTH) lines.set(pathText(path), line);
      open.push({ name, path, children: [], text: '' });
    },
    close: () => {
      if (skipped > 0) skipped -= 1;
      else if (open.length > 1) closeElement(open, complaints);
    },
    text: (part: string) => {
      const element = open.at(-1);
      if (element !== undefined && element !== top && skipped === 0) element.text += part;
    },
  };
  readXml(text, listener, complaints);
  return { value: valueOf(top), locate: (paths) => paths.map((path) => lines.get(pathText(path)) ?? 0) };
}

/** What is told to people stands no deeper: a host is the third. */
const LOCATED_DEPTH = 3;

function closeElement(open: Element[], complaints: Complaints): void {
  const element = open.pop();
  const parent = open.at(-1);
  if (element === undefined || parent === undefined) return;
  const { name, path } = element;
  if (!isList(parent.name, name) && parent.children.some((child) => child.name === name)) {
    complaints.error(path, 'is given twice; export it again');
  }
  parent.children.push({ name, value: valueOf(element) });
}

function valueOf({ name, children, text }: Element): unknown {
  const [first] = children;
  if (first === undefined) return text.trim();
  if (isList(name, first.name)) return children.map(({ value }) => value);
  return Object.fromEntries(children.map((child) => [child.name, child.value]));
}

/** `hosts` holds `host`s, `discovery_rules` `discovery_rule`s, `dependencies` `dependency`s. */
function isList(outer: string, inner: string): boolean {
  return outer === `${inner}s` || (inner.endsWith('y') && outer === `${inner.slice(0, -1)}ies`);
}
