import type { PartitionRun, Sample } from './partition.ts';

const WIDTH = 860;
const HEIGHT = 420;
const PLOT = { left: 64, right: 836, top: 64, bottom: 348 } as const;

/** Colours that differ for colour-blind eyes, and in grey (Okabe and Ito, 2008). */
const COLOURS = { north: '#0072b2', south: '#e69f00', leaving: '#999999', unwatched: '#d55e00' } as const;

/** The figure as a text: claims over time, stacked by site, with what is leaving on top. */
export function drawPartition(run: PartitionRun): string {
  const most = run.devices * run.k * 2.2;
  const x = (at_s: number): number =>
    PLOT.left + ((PLOT.right - PLOT.left) * (at_s - run.begin_s)) / (run.end_s - run.begin_s);
  const y = (claims: number): number => PLOT.bottom - ((PLOT.bottom - PLOT.top) * claims) / most;
  const north = ({ held }: Sample): number => held['north'] ?? 0;
  const both = (sample: Sample): number => north(sample) + (sample.held['south'] ?? 0);
  const all = (sample: Sample): number => both(sample) + sample.leaving;
  const points = (value: (sample: Sample) => number, samples: readonly Sample[]): string =>
    samples.map((sample) => `${x(sample.at_s).toFixed(1)},${y(value(sample)).toFixed(1)}`).join(' ');
  const back = [...run.samples].reverse();
  const area = (upper: (sample: Sample) => number, lower: (sample: Sample) => number, colour: string): string =>
    `<polygon points="${points(upper, run.samples)} ${points(lower, back)}" fill="${colour}" fill-opacity="0.75"/>`;
  const wanted = run.devices * run.k;
  const text = (at_x: number, at_y: number, words: string, more = ''): string =>
    `<text x="${at_x.toFixed(1)}" y="${at_y.toFixed(1)}" ${more}>${words}</text>`;
  const mark = (at_s: number, words: string): string =>
    `<line x1="${x(at_s)}" y1="${PLOT.top - 6}" x2="${x(at_s)}" y2="${PLOT.bottom}" stroke="#333" stroke-dasharray="4 3"/>` +
    text(x(at_s), PLOT.top - 12, words, 'text-anchor="middle"');
  const legend = [
    ['held in the north', COLOURS.north],
    ['held in the south', COLOURS.south],
    ['leaving: still watched', COLOURS.leaving],
    ['devices without a watcher', COLOURS.unwatched],
  ] as const;
  const seconds = Array.from({ length: (run.end_s - run.begin_s) / 10 + 1 }, (_, index) => run.begin_s + index * 10);
  const counts = Array.from({ length: 5 }, (_, index) => (index * wanted) / 2).filter((count) => count <= most);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="13" role="img" aria-labelledby="title">`,
    `<title id="title">Claims on ${run.devices} devices, ${run.k} monitors each, while two sites of three monitors lose each other and find each other again</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(
      PLOT.left,
      24,
      `Claims on ${run.devices} devices, ${run.k} monitors each; two sites with three monitors each`,
      'font-size="15"',
    ),
    ...counts.map(
      (count) =>
        `<line x1="${PLOT.left}" y1="${y(count)}" x2="${PLOT.right}" y2="${y(count)}" stroke="#ddd"/>` +
        text(PLOT.left - 8, y(count) + 4, String(count), 'text-anchor="end"'),
    ),
    area(north, () => 0, COLOURS.north),
    area(both, north, COLOURS.south),
    area(all, both, COLOURS.leaving),
    `<polyline points="${points(
      ({ unwatched }) => unwatched,
      run.samples,
    )}" fill="none" stroke="${COLOURS.unwatched}" stroke-width="2.5"/>`,
    mark(run.cut_s, 'the path between the sites is cut'),
    mark(run.heal_s, 'it is back'),
    ...seconds.map((second) => text(x(second), PLOT.bottom + 18, `${second} s`, 'text-anchor="middle"')),
    ...legend.map(
      ([words, colour], index) =>
        `<rect x="${PLOT.left + index * 195}" y="${HEIGHT - 34}" width="12" height="12" fill="${colour}"/>` +
        text(PLOT.left + index * 195 + 18, HEIGHT - 23, words),
    ),
    '</svg>',
    '',
  ].join('\n');
}
