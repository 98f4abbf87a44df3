import { describe, expect, it } from 'vitest';
import { drawPartition } from './draw.ts';
import { runPartition, tellPartition } from './partition.ts';

describe('the figure of a partition', () => {
  const partition = runPartition();
  const at = (second: number) => partition.samples.find(({ at_s }) => at_s >= second);

  it('shows each side complete on its own, and one view after it', () => {
    expect(at(19)?.held).toEqual({ north: 60, south: 60 });
    expect(at(30)?.held).toEqual({ north: 120, south: 120 });
    expect(at(70)?.held).toEqual({ north: 60, south: 60 });
    expect(Math.max(...partition.samples.map(({ unwatched }) => unwatched))).toBe(0);
  });

  it('is drawn and told the same each time', () => {
    const again = runPartition();
    expect(drawPartition(again)).toBe(drawPartition(partition));
    expect(tellPartition(again)).toBe(tellPartition(partition));
    expect(drawPartition(partition)).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(tellPartition(partition)).toContain('is healed');
  });
});
