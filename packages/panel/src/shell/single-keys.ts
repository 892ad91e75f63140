const KEY = 'sluice-single-keys';

/** Shortcuts of single characters can be turned off (WCAG 2.1.4). */
export const usesSingleKeys = (): boolean => localStorage.getItem(KEY) !== 'off';

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, 'off');
}
