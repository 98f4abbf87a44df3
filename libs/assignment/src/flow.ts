/** A network in which the most that can flow from one node to another is found (Dinic, 1970). */
export class Flow {
  readonly #to: number[] = [];
  readonly #capacity: number[] = [];
  readonly #edges: number[][];

  constructor(nodes: number) {
    this.#edges = Array.from({ length: nodes }, () => []);
  }

  connect(from: number, to: number, capacity: number): void {
    this.#edges[from]!.push(this.#to.length);
    this.#edges[to]!.push(this.#to.length + 1);
    this.#to.push(to, from);
    this.#capacity.push(capacity, 0);
  }

  /** @returns how much more flows now; once only */
  maximum(source: number, sink: number): number {
    let total = 0;
    for (;;) {
      const level = this.#levels(source);
      if (level[sink] === undefined) return total;
      const next = this.#edges.map(() => 0);
      for (;;) {
        const pushed = this.#push(source, sink, Infinity, level, next);
        if (pushed === 0) break;
        total += pushed;
      }
    }
  }

  #levels(source: number): (number | undefined)[] {
    const level: (number | undefined)[] = [];
    level[source] = 0;
    const queue = [source];
    for (const node of queue) {
      for (const edge of this.#edges[node]!) {
        const to = this.#to[edge]!;
        if (this.#capacity[edge]! === 0 || level[to] !== undefined) continue;
        level[to] = level[node]! + 1;
        queue.push(to);
      }
    }
    return level;
  }

  #push(node: number, sink: number, most: number, level: (number | undefined)[], next: number[]): number {
    if (node === sink) return most;
    for (; next[node]! < this.#edges[node]!.length; next[node] = next[node]! + 1) {
      const edge = this.#edges[node]![next[node]!]!;
      const to = this.#to[edge]!;
      if (this.#capacity[edge]! === 0 || level[to] !== level[node]! + 1) continue;
      const pushed = this.#push(to, sink, Math.min(most, this.#capacity[edge]!), level, next);
      if (pushed === 0) continue;
      this.#capacity[edge] = this.#capacity[edge]! - pushed;
      this.#capacity[edge ^ 1] = this.#capacity[edge ^ 1]! + pushed;
      return pushed;
    }
    return 0;
  }
}
