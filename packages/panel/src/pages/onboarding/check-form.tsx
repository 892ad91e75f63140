import type { Proposal } from '@sluice/contract';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api } from '../../api/client.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { BringFiles } from './bring-files.tsx';
import { filesOf, type Texts } from './files.ts';

/** Takes files, has them checked, and shows `children` with the answer below. */
export function CheckForm({
  application,
  children,
}: {
  /** Its key tells which encrypted values can be read. */
  application: string | null;
  children: (proposal: Proposal, texts: Texts) => ReactNode;
}) {
  const [texts, setTexts] = useState<Texts>({});
  const check = useMutation({
    mutationFn: (asked: Texts) => api.proposals.ofTexts({ application, files: filesOf(asked) }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (filesOf(texts).length > 0) check.mutate(texts);
  };
  return (
    <>
      <Section title={text.importStep}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <BringFiles texts={texts} onChange={setTexts} />
          <ErrorNote error={check.error} />
          <div className="flex flex-wrap items-center gap-3">
            <Button
              kind="primary"
              type="submit"
              busy={check.isPending}
              disabled={filesOf(texts).length === 0}
            >
              {text.check}
            </Button>
            {filesOf(texts).length === 0 && (
              <span className="text-sm text-muted">{text.nothingToCheck}</span>
            )}
          </div>
        </form>
      </Section>
      {check.data !== undefined && children(check.data, check.variables ?? {})}
    </>
  );
}
