import type { State } from '../network/state.ts';

/** A device as the map needs it. */
export interface MapDevice {
  readonly id: string;
  readonly name: string;
  readonly state: State;
  readonly parents: readonly string[];
}

/** A device with all that is reached through it. */
export interface TreeNode {
  readonly device: MapDevice;
  readonly children: TreeNode[];
  /** How many devices are reached through it, at any depth. */
  below: number;
  /** The parents below which it does not stand. */
  readonly others: string[];
}

/**
 * The forest of devices by their first parent that is known. Rings of parents, which an inventory may hold by mistake, are
 * opened at one of their devices: no device is lost and none stands twice.
 */
export function forestOf(devices: readonly MapDevice[]): TreeNode[] {
  const nodes = new Map<string, TreeNode>(
    devices.map((device) => [device.id, { device, children: [], below: 0, others: [] }]),
  );
  const parentOf = new Map<string, string>();
  for (const { id, parents } of devices) {
    const parent = parents.find((name) => name !== id && nodes.has(name));
    if (parent !== undefined) parentOf.set(id, parent);
  }
  openRings(parentOf);
  const roots: TreeNode[] = [];
  for (const node of nodes.values()) {
    const { id, parents } = node.device;
    const parent = parentOf.get(id);
    node.others.push(...new Set(parents.filter((name) => name !== id && name !== parent && nodes.has(name))));
    (parent === undefined ? roots : nodes.get(parent)!.children).push(node);
  }
  for (const root of roots) countBelow(root);
  const byName = (a: TreeNode, b: TreeNode): number => collator.compare(a.device.name, b.device.name);
  for (const { children } of nodes.values())
    children.sort((a, b) => Math.sign(b.below) - Math.sign(a.below) || byName(a, b));
  return roots.sort((a, b) => b.below - a.below || byName(a, b));
}

const collator = new Intl.Collator('en', { numeric: true });

/** Takes one parent out of each ring. Each device is walked over once, however long the chains are. */
function openRings(parentOf: Map<string, string>): void {
  const walked = new Set<string>();
  for (const start of [...parentOf.keys()]) {
    const path = new Set<string>();
    for (let id: string | undefined = start; id !== undefined && !walked.has(id); id = parentOf.get(id)) {
      walked.add(id);
      path.add(id);
      if (path.has(parentOf.get(id) ?? '')) parentOf.delete(id);
    }
  }
}

/** Without recursion: a chain may be as long as an inventory. */
function countBelow(root: TreeNode): void {
  const order = [root];
  for (let index = 0; index < order.length; index += 1) order.push(...order[index]!.children);
  for (const node of order.reverse()) node.below = node.children.reduce((sum, child) => sum + 1 + child.below, 0);
}
