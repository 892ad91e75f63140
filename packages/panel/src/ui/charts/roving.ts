import { type KeyboardEvent, useRef, useState } from 'react';

interface Roving {
  /** The one that the Tab key goes to. */
  readonly current: number;
  readonly setCurrent: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent<SVGSVGElement>) => void;
  readonly svg: React.RefObject<SVGSVGElement | null>;
}

/** One stop for the Tab key in a chart, arrow keys from mark to mark (elements with `data-mark`), Home and End. */
export function useRoving(count: number): Roving {
  const [chosen, setCurrent] = useState(count - 1);
  const svg = useRef<SVGSVGElement>(null);
  const current = Math.min(Math.max(chosen, 0), Math.max(0, count - 1));
  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>) => {
    const target = targetOf(event.key, current, count);
    if (target === null) return;
    event.preventDefault();
    setCurrent(target);
    svg.current?.querySelectorAll<SVGElement>('[data-mark]')[target]?.focus();
  };
  return { current, setCurrent, onKeyDown, svg };
}

function targetOf(key: string, current: number, count: number): number | null {
  if (count === 0) return null;
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min(count - 1, current + 1);
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max(0, current - 1);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}
