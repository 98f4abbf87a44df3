import { describe, expect, it } from 'vitest';
import { WaysOut } from './ways-out.ts';

function ways(...events: readonly ('open x' | 'open y' | 'lost x' | 'lost y' | 'look open' | 'look lost')[]): WaysOut {
  const all = new WaysOut();
  for (const event of events) {
    const [what, which = ''] = event.split(' ');
    if (what === 'open') all.open(which);
    else if (what === 'lost') all.lost(which);
    else all.looked(which === 'open');
  }
  return all;
}

describe('without anchors, whether there is a way out', () => {
  it('is not asked while a request can be sent to each device', () => {
    expect(ways().toAsk).toEqual([]);
    expect(ways('open x', 'open y').toAsk).toEqual([]);
  });

  it('is asked of those without a route and of those that could be asked lately', () => {
    expect(ways('open x', 'open y', 'lost y').toAsk).toEqual(['y', 'x']);
    expect(ways('open x', 'lost x', 'lost y').toAsk).toEqual(['y', 'x']);
  });

  it('is in doubt from the first probe on where none could ever be sent', () => {
    expect(ways('lost x').isDoubtful).toBe(true);
    expect(ways('lost x', 'look lost').isDoubtful).toBe(true);
    expect(ways('lost x', 'open y').isDoubtful).toBe(false);
    expect(ways('lost x', 'look open').isDoubtful).toBe(false);
  });

  it('is in doubt later once a look has found none', () => {
    expect(ways('open x', 'lost x').isDoubtful).toBe(false);
    expect(ways('open x', 'lost x', 'look lost').isDoubtful).toBe(true);
    expect(ways('open x', 'lost x', 'look open', 'lost x').isDoubtful).toBe(false);
  });

  it('is denied by looks in a row, and by none once a request could be sent', () => {
    expect(ways('lost x', 'look lost', 'look lost').blindLooks).toBe(2);
    expect(ways('lost x', 'look lost', 'open y', 'look lost').blindLooks).toBe(1);
    expect(ways('lost x', 'look lost', 'look lost', 'look open').blindLooks).toBe(0);
  });

  it('is asked of few', () => {
    const all = new WaysOut();
    for (let n = 0; n < 100; n += 1) all.open(`open-${n}`);
    for (let n = 0; n < 100; n += 1) all.lost(`lost-${n}`);
    expect(all.toAsk).toHaveLength(13);
  });
});
