/** Tells whether a text is an OID as they are written here: numbers between dots, at most 128 of them (RFC 2578 §3.5). */
export function isOid(text: string): boolean {
  return /^\d{1,10}(\.\d{1,10}){1,127}$/.test(text) && text.split('.').every((part) => Number(part) <= 0xffff_ffff);
}

/** What follows a column in an instance's OID (`7` in `ifName.7`); `undefined` when the instance is not below it. */
export function indexBelow(column: string, oid: string): string | undefined {
  return oid.length > column.length + 1 && oid.charCodeAt(column.length) === DOT && oid.startsWith(column)
    ? oid.slice(column.length + 1)
    : undefined;
}

/** Compares two OIDs, or two indexes, in MIB order: number by number, a beginning before what it begins. */
export function compareOids(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  let bt = 0;
  while (at < a.length && bt < b.length) {
    let x = 0;
    let y = 0;
    for (; at < a.length && a.charCodeAt(at) !== DOT; at += 1) x = x * 10 + a.charCodeAt(at) - ZERO;
    for (; bt < b.length && b.charCodeAt(bt) !== DOT; bt += 1) y = y * 10 + b.charCodeAt(bt) - ZERO;
    if (x !== y) return x - y;
    at += 1;
    bt += 1;
  }
  return a.length - at - (b.length - bt);
}

const DOT = 46;
const ZERO = 48;
