import type { Environment, EnvironmentLimits } from '@sluice/contract';
import { useState } from 'react';
import { limits as text } from '../../text/limits.ts';
import { Button } from '../../ui/button.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { LIMIT_KINDS, limitText } from './limit-values.ts';
import { LimitsDialog } from './limits-dialog.tsx';

/** What its instances may use, where the runtime can hold them to it. */
export function Limits({
  environment,
  limits,
  canWrite,
}: {
  environment: Environment;
  limits: EnvironmentLimits;
  canWrite: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title={text.title}
      actions={canWrite && <Button onClick={() => setOpen(true)}>{text.change}</Button>}
    >
      <Facts
        facts={LIMIT_KINDS.map((kind) => [
          text.kinds[kind],
          <span key={kind}>
            {limitText(kind, limits[kind].value)}
            {limits[kind].own === null && <span className="text-muted">, {text.byDefault}</span>}
          </span>,
        ])}
      />
      <p className="mt-2 text-xs text-muted">{text.text}</p>
      {isOpen && (
        <LimitsDialog environment={environment} limits={limits} onClose={() => setOpen(false)} />
      )}
    </Section>
  );
}
