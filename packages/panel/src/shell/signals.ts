/** How any part of the panel opens what the frame holds, without knowing it. */
const signal = (name: string) => ({
  send: (): void => {
    window.dispatchEvent(new Event(name));
  },
  /** Returns a function that ends it. */
  on: (listener: () => void): (() => void) => {
    window.addEventListener(name, listener);
    return () => window.removeEventListener(name, listener);
  },
});

export const paletteSignal = signal('sluice:open-palette');
export const shortcutsSignal = signal('sluice:show-shortcuts');
