import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

/** The colours of the page as they are now, for what draws on a canvas. */
export interface Palette {
  readonly of: (name: string) => string;
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

/** The width that charts leave for their figures at the left: strips above them begin there, too. */
export const AXIS_px = 58;

/** A chart by uPlot, as wide as its place, in the page's colours. */
export function Chart({ kind, options, data, height_px, label }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const light = useLight();
  useEffect(() => {
    const element = place.current!;
    const style = getComputedStyle(element);
    const palette = { of: (name: string) => style.getPropertyValue(`--${name}`).trim() };
    const made = new uPlot({ ...options(palette), width: element.clientWidth, height: height_px }, data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height: height_px });
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

const FONT = '11px system-ui, sans-serif';

/** An axis of the page's charts. */
export function axis(palette: Palette, more: uPlot.Axis = {}): uPlot.Axis {
  const grid = { stroke: palette.of('line'), width: 1 };
  return { stroke: palette.of('muted'), font: FONT, grid, ticks: { ...grid, size: 4 }, ...more };
}
