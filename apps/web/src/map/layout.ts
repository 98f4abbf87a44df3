import type { MapDevice, TreeNode } from './tree.ts';

/** Sizes in the map's own units, which are CSS pixels at its natural size. */
export const ROW = 26;
export const COLUMN = 250;
export const CELL = 14;
/** So many leaves of one parent stand as small cells in place of rows with names. */
const PACKED_FROM = 7;
const CELLS_PER_ROW = 14;
/** The mean width of a letter. */
const LETTER = 6.7;
/** Longer names are cut. */
export const NAME_LENGTH = 22;

/** A device at its place. */
export interface Placed {
  readonly device: MapDevice;
  readonly x: number;
  readonly y: number;
  /** Small, without its name beside it. */
  readonly isCell: boolean;
  readonly below: number;
  /** What else it is reached through, beside that below which it stands. */
  readonly others: readonly string[];
}

/** A line from a parent to what is reached through it. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** The whole map, from left (what all is reached through) to right, each list from top to bottom. */
export interface Layout {
  readonly placed: readonly Placed[];
  readonly lines: readonly Line[];
  /** From a device’s further parents, across the tree. */
  readonly crossing: readonly Line[];
  readonly width: number;
  readonly height: number;
}

/**
 * Lays out a forest in layers: a parent stands at the height of the middle of its children; leaves take a row each, or, where they
 * are many, are packed into a block of cells.
 */
export function layOut(forest: readonly TreeNode[]): Layout {
  const placed: Placed[] = [];
  const lines: Line[] = [];
  const position = new Map<TreeNode, { x: number; y: number }>();
  const byId = new Map<string, TreeNode>();
  let bottom = 0;
  let width = 0;
  const put = (node: TreeNode, x: number, y: number, isCell = false): void => {
    position.set(node, { x, y });
    byId.set(node.device.id, node);
    placed.push({ device: node.device, x, y, isCell, below: node.below, others: node.others });
    width = Math.max(width, x + (isCell ? CELL : COLUMN));
  };
  const lineOf = (parent: TreeNode, to: string, x2: number, y2: number): Line => {
    const { x, y } = position.get(parent)!;
    return { from: parent.device.id, to, x1: x + labelWidth(parent), y1: y, x2: x2 - CELL / 2 - 3, y2 };
  };
  /** Depth first, by hand: children before their parents. */
  const place = (root: TreeNode): void => {
    const stack: { node: TreeNode; depth: number; isOpen: boolean }[] = [{ node: root, depth: 0, isOpen: false }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const { node, depth } = top;
      const x = depth * COLUMN;
      const leaves = node.children.filter(({ below }) => below === 0);
      const packed = leaves.length >= PACKED_FROM ? leaves : [];
      if (!top.isOpen) {
        top.isOpen = true;
        const inRows = packed.length > 0 ? node.children.filter(({ below }) => below > 0) : node.children;
        for (const child of [...inRows].reverse()) stack.push({ node: child, depth: depth + 1, isOpen: false });
        continue;
      }
      stack.pop();
      if (node.children.length === 0) {
        put(node, x, bottom + ROW / 2);
        bottom += ROW;
        continue;
      }
      const firstBlockRow = bottom;
      for (const [index, leaf] of packed.entries()) {
        const column = index % CELLS_PER_ROW;
        const y = firstBlockRow + ROW / 2 + Math.floor(index / CELLS_PER_ROW) * CELL;
        put(leaf, x + COLUMN + column * CELL, y, true);
      }
      if (packed.length > 0) bottom += Math.max(ROW, Math.ceil(packed.length / CELLS_PER_ROW) * CELL + (ROW - CELL));
      const tops = node.children.map((child) => position.get(child)!.y);
      put(node, x, (Math.min(...tops) + Math.max(...tops)) / 2);
      for (const child of node.children) {
        const at = position.get(child)!;
        if (!packed.includes(child)) lines.push(lineOf(node, child.device.id, at.x, at.y));
      }
      const first = packed[0];
      if (first !== undefined) lines.push(lineOf(node, first.device.id, x + COLUMN, position.get(first)!.y));
    }
  };
  for (const root of forest) {
    place(root);
    bottom += forest.length > 1 && root.below > 0 ? ROW / 2 : 0;
  }
  const crossing = placed.flatMap(({ device, x, y, others }) => {
    return others.map((parent) => lineOf(byId.get(parent)!, device.id, x, y));
  });
  placed.sort((a, b) => a.y - b.y);
  return { placed, lines, crossing, width, height: bottom };
}

/** More lines across the tree than these tell nobody anything: they are a grey ground. */
const CROSSING_MOST = 400;

/** The lines of which some part stands between two heights; of those that cross the tree, those that end there. */
export function linesBetween(
  { lines, crossing }: Layout,
  top: number,
  bottom: number,
): { tree: Line[]; crossing: Line[] } {
  const isIn = (y: number): boolean => y >= top && y <= bottom;
  return {
    tree: lines.filter(({ y1, y2 }) => Math.max(y1, y2) >= top && Math.min(y1, y2) <= bottom),
    crossing: crossing.filter(({ y1, y2 }) => isIn(y1) || isIn(y2)).slice(0, CROSSING_MOST),
  };
}

/** About how far a device's name and the count behind it reach: a line begins there. */
function labelWidth({ device, below }: TreeNode): number {
  const letters = Math.min(NAME_LENGTH, device.name.length);
  return Math.min(COLUMN - 40, 18 + letters * LETTER + (below > 0 ? String(below).length * LETTER + 6 : 0));
}

/** What of a map stands between two heights: where it begins in a list that is sorted by `y`, and ends. */
export function between(placed: readonly Placed[], top: number, bottom: number): readonly Placed[] {
  return placed.slice(lowerBound(placed, top), lowerBound(placed, bottom));
}

function lowerBound(placed: readonly Placed[], y: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle]!.y < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
