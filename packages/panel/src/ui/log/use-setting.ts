import { useState } from 'react';

/** A switch that this browser remembers; off at first. */
export function useSetting(name: string): [boolean, (value: boolean) => void] {
  const key = `sluice-${name}`;
  const [value, setValue] = useState(() => localStorage.getItem(key) === 'on');
  return [
    value,
    (next) => {
      setValue(next);
      if (next) localStorage.setItem(key, 'on');
      else localStorage.removeItem(key);
    },
  ];
}
