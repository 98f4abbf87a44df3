/**
 * Finds circles in a graph: one for each edge that closes one in a depth-first walk, so at least one of every knot of
 * circles, and none when there is none.
 *
 * @param edges by node, the nodes it points to; nodes without an entry point nowhere.
 * @returns each circle as its nodes in order, the first not repeated at the end.
 */
export function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  for (const root of edges.keys()) {
    if (done.has(root)) continue;
    const trail: string[] = [root];
    const onTrail = new Set(trail);
    const next: number[] = [0];
    while (trail.length > 0) {
      const depth = trail.length - 1;
      const node = trail[depth] ?? '';
      const target = edges.get(node)?.[next[depth] ?? 0];
      if (target === undefined) {
        trail.pop();
        next.pop();
        onTrail.delete(node);
        done.add(node);
        continue;
      }
      next[depth] = (next[depth] ?? 0) + 1;
      if (onTrail.has(target)) found.push(trail.slice(trail.indexOf(target)));
      else if (!done.has(target)) {
        trail.push(target);
        onTrail.add(target);
        next.push(0);
      }
    }
  }
  return found;
}
