import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useSight } from './sight.ts';

/** Rows beyond the edge that are drawn all the same, so that scrolling shows no holes. */
const OVERSCAN = 8;

export interface VirtualRowsProps {
  readonly count: number;
  readonly rowHeight_px: number;
  /** Is kept in sight. */
  readonly active: number;
  readonly row: (index: number) => ComponentChildren;
  readonly label: string;
  readonly columns: number;
  readonly header: ComponentChildren;
  /** The id of the active row's element, where it is drawn. */
  readonly activeId: string | undefined;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** Told after each drawing which rows are drawn: from, and up to. */
  readonly onDrawn: (first: number, end: number) => void;
}

/** A grid of which only the rows in sight are in the document, however many there are. */
export function VirtualRows(props: VirtualRowsProps): JSX.Element {
  const { count, rowHeight_px, active } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const header = useRef<HTMLDivElement>(null);
  const view = useSight(scroller);
  useLayoutEffect(() => {
    const element = scroller.current!;
    if (active < 0) return;
    const top = active * rowHeight_px;
    const room = element.clientHeight - (header.current?.offsetHeight ?? 0);
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight_px > element.scrollTop + room) element.scrollTop = top + rowHeight_px - room;
  }, [active, rowHeight_px]);
  const first = Math.max(0, Math.floor(view.top / rowHeight_px) - OVERSCAN);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight_px) + OVERSCAN);
  useEffect(() => props.onDrawn(first, last));
  const rows = [];
  for (let index = first; index < last; index += 1) rows.push(props.row(index));
  return (
    <div
      class="grid"
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={props.columns}
      aria-activedescendant={props.activeId}
      onKeyDown={props.onKeyDown}
    >
      <div class="grid-head" role="rowgroup" ref={header}>
        {props.header}
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${count * rowHeight_px}px` }}>
        <div class="grid-window" role="presentation" style={{ transform: `translateY(${first * rowHeight_px}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}
