import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { common } from '../text/common.ts';
import { Button, IconButton } from './button.tsx';
import { TextField } from './field.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const FIELDS = ':is(input, select, textarea):not([type=hidden], [readonly], :disabled)';

/** A modal dialog: the browser's own, which keeps the focus inside, closes on Escape and gives it back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // The browser would begin at the button that closes it; what is to be filled in is why it is there.
    dialog?.querySelector<HTMLElement>(FIELDS)?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={heading}
      onClose={onClose}
      className="m-auto w-[min(34rem,calc(100vw-2rem))] rounded-lg border border-line bg-surface p-0 text-ink shadow-xl"
    >
      <div className="flex items-center justify-between gap-4 border-b border-line px-5 py-3">
        <h2 id={heading} className="text-base font-semibold">
          {title}
        </h2>
        <IconButton label={common.close} onClick={() => element.current?.close()}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      <div className="p-5">{children}</div>
    </dialog>
  );
}

export interface FormDialogProps extends DialogProps {
  /** What its button says. */
  readonly action: string;
  readonly kind?: 'primary' | 'danger';
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly onSubmit: () => void;
}

/** A form in a dialog: what is to be filled in, then the way out and the way on. */
export function FormDialog({
  title,
  action,
  kind = 'primary',
  busy = false,
  disabled = false,
  children,
  onSubmit,
  onClose,
}: FormDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind={kind} type="submit" busy={busy} disabled={disabled}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export interface ConfirmProps {
  readonly title: string;
  /** What will happen, and what of it cannot be undone. */
  readonly children: ReactNode;
  /** What must be typed; without it one click does. */
  readonly name?: string;
  readonly action: string;
  readonly busy?: boolean;
  readonly error?: ReactNode;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that is hard to take back; by name where it destroys. */
export function Confirm({
  title,
  children,
  name,
  action,
  busy,
  error,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const isUnnamed = name !== undefined && typed !== name;
  return (
    <FormDialog
      title={title}
      action={action}
      kind="danger"
      busy={busy ?? false}
      disabled={isUnnamed}
      onSubmit={() => {
        if (!isUnnamed) onConfirm();
      }}
      onClose={onClose}
    >
      <div className="flex flex-col gap-2 text-sm">{children}</div>
      {name !== undefined && (
        <TextField
          label={common.confirmByName(name)}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      {error}
    </FormDialog>
  );
}
