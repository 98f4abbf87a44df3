import { useEffect, useState } from 'preact/hooks';

/** What of something that scrolls is in sight, in its own pixels. */
export interface Sight {
  readonly top: number;
  readonly height: number;
}

/** Before anything is measured: about a screen. */
const FIRST: Sight = { top: 0, height: 800 };

/**
 * Follows what is in sight of an element that scrolls.
 *
 * @param isThere whether the element is in the document: it is looked for again when that changes.
 */
export function useSight(place: { readonly current: HTMLElement | null }, isThere = true): Sight {
  const [sight, setSight] = useState(FIRST);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const measure = (): void => setSight({ top: element.scrollTop, height: element.clientHeight });
    measure();
    element.addEventListener('scroll', measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', measure);
      observer.disconnect();
    };
  }, [isThere]);
  return sight;
}
