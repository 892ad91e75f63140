import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { common } from '../text/common.ts';
import { Button } from './button.tsx';

export function CopyButton({ text, label = common.copy }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
      {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
      <span aria-live="polite">{copied ? common.copied : label}</span>
    </Button>
  );
}

/** A line or more to take along, such as a command. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex flex-col gap-1">
      <p className="text-sm font-medium">{label}</p>
      <div className="flex items-start gap-2">
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-w-0 flex-1 overflow-x-auto rounded-md bg-raised px-3 py-2 font-mono text-xs"
        >
          {text}
        </pre>
        <CopyButton text={text} />
      </div>
    </div>
  );
}
