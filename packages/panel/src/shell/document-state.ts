import { useEffect } from 'react';
import { common } from '../text/common.ts';
import { stateText } from '../text/states.ts';

/** A mark before the title, for tabs too narrow for the icon to be told apart. */
const MARKS = { good: '✓', bad: '✗', warn: '!', busy: '●', idle: '' } as const;
const ICONS = { good: 'good', bad: 'bad', warn: 'bad', busy: 'busy', idle: 'idle' } as const;

/** The tab's title, and with a state its mark and icon, so that a page in the background shows how things stand. */
export function useDocumentState(title: string, state?: string): void {
  useEffect(() => {
    const tone = state === undefined ? 'idle' : stateText(state).tone;
    document.title = [MARKS[tone], title, '·', common.product].filter(Boolean).join(' ');
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    const address = `/panel/icon-${ICONS[tone]}.svg`;
    if (icon !== null && icon.getAttribute('href') !== address) icon.setAttribute('href', address);
  }, [title, state]);
}
