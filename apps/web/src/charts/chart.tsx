import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { NOTHING } from '../units/figures.ts';

/** The style sheet as it is now, for what draws on a canvas. */
export interface Palette {
  /** A colour, by the name of its custom property. */
  readonly of: (name: string) => string;
  /** The room for figures at the left, and the room at the right: strips above a chart begin and end where it does. */
  readonly left_px: number;
  readonly right_px: number;
}

/** What a chart is, but for its width. */
export type ChartOptions = (palette: Palette) => Omit<uPlot.Options, 'width' | 'height'>;

export interface ChartProps {
  /** Another kind of chart has another key: it is made anew. */
  readonly kind: string;
  readonly options: ChartOptions;
  readonly data: uPlot.AlignedData;
  readonly height_px: number;
  /** What the picture says, in words. */
  readonly label: string;
}

/** A chart by uPlot, as wide as its place, in the page's colours. */
export function Chart({ kind, options, data, height_px, label }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const light = useLight();
  useEffect(() => {
    const element = place.current!;
    const style = getComputedStyle(element);
    const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const palette = {
      of: colourOf(element),
      left_px: parseInt(of('chart-left')),
      right_px: parseInt(of('chart-right')),
    };
    const made = new uPlot({ ...options(palette), width: element.clientWidth, height: height_px }, data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width)
        made.setSize({ width: element.clientWidth, height: height_px });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [kind, light, height_px]);
  useEffect(() => {
    if (plot.current !== undefined && plot.current.data !== data) plot.current.setData(data);
  }, [data]);
  return (
    <figure class="chart" aria-label={label}>
      <div ref={place} />
    </figure>
  );
}

/** Counts changes between dark and light: a canvas does not follow the style sheet by itself. */
function useLight(): number {
  const [light, setLight] = useState(0);
  useEffect(() => {
    const changed = (): void => setLight((count) => count + 1);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', changed);
    addEventListener('guaita-theme', changed);
    return () => {
      dark.removeEventListener('change', changed);
      removeEventListener('guaita-theme', changed);
    };
  }, []);
  return light;
}

/** A canvas takes no `light-dark()`: the browser works out what a property of that value comes to. */
function colourOf(element: HTMLElement): Palette['of'] {
  return (name) => {
    element.style.color = `var(--${name})`;
    const { color } = getComputedStyle(element);
    element.style.color = '';
    return color;
  };
}

/** Columns as uPlot takes them: its types know of arrays that may be written alone. */
export function drawable(columns: readonly (readonly (number | null)[])[]): uPlot.AlignedData {
  return columns as unknown as uPlot.AlignedData;
}

const FONT = '11px system-ui, sans-serif';
const DAY_s = 86_400;
const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** The axis of time, in the viewer's zone and language: days by their date, all else by the clock. */
export function timeAxis(palette: Palette): uPlot.Axis {
  return axis(palette, {
    space: 70,
    values: (_plot, splits, _axis, _space, step_s) =>
      splits.map((at_s) => {
        const at = new Date(at_s * 1000);
        const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
        return step_s >= DAY_s || isMidnight ? day.format(at) : timeOfDay.format(at);
      }),
  });
}

/** A moment in a chart's legend. */
export function legendTime(_plot: uPlot, at_s: number | null): string {
  return at_s === null ? NOTHING : `${day.format(at_s * 1000)} ${timeOfDay.format(at_s * 1000)}`;
}

/** An axis of the page's charts. */
export function axis(palette: Palette, more: uPlot.Axis = {}): uPlot.Axis {
  const grid = { stroke: palette.of('line'), width: 1 };
  return { stroke: palette.of('muted'), font: FONT, grid, ticks: { ...grid, size: 4 }, ...more };
}
