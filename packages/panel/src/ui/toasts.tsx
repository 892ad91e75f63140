import { X } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { common } from '../text/common.ts';
import { Button, IconButton } from './button.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly undo: (() => void) | undefined;
}

type Say = (text: string, undo?: () => void) => void;

const Context = createContext<Say>(() => undefined);

/** Says that something was done, and offers to undo it while it is shown. */
export const useToast = (): Say => useContext(Context);

/** One that can be undone stays longer. */
const SHOWN_MS = 5_000;
const UNDO_SHOWN_MS = 12_000;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const next = useRef(1);
  const dismiss = useCallback(
    (id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)),
    [],
  );
  const say = useCallback<Say>(
    (text, undo) => {
      const id = next.current++;
      setToasts((all) => [...all, { id, text, undo }]);
      setTimeout(() => dismiss(id), undo === undefined ? SHOWN_MS : UNDO_SHOWN_MS);
    },
    [dismiss],
  );
  return (
    <Context.Provider value={say}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="fixed right-4 bottom-4 z-50 flex flex-col gap-2"
      >
        {toasts.map((toast) => (
          <div
            key={toast.id}
            className="flex items-center gap-3 rounded-md border border-line bg-surface px-4 py-2 text-sm shadow-lg"
          >
            <span>{toast.text}</span>
            {toast.undo && (
              <Button
                kind="quiet"
                onClick={() => {
                  toast.undo?.();
                  dismiss(toast.id);
                }}
              >
                {common.undo}
              </Button>
            )}
            <IconButton label={common.close} onClick={() => dismiss(toast.id)}>
              <X aria-hidden className="size-4" />
            </IconButton>
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}
