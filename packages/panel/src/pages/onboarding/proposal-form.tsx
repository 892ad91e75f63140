import type { ApplicationLine, Proposal } from '@sluice/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { filesOf, type Texts } from './files.ts';
import { type Choice, firstChoice, ProposedFileForm } from './proposed-file.tsx';

/**
 * The proposed files with what a person makes of them, and the commit. `brought` are committed besides, where the
 * repository is empty. With another `proposal` give another `key`.
 */
export function ProposalForm({
  application,
  proposal,
  brought = {},
  message: firstMessage = text.defaultMessage,
  onCommitted,
}: {
  application: ApplicationLine;
  proposal: Proposal;
  brought?: Texts;
  message?: string;
  onCommitted: (sha: string) => void;
}) {
  const queryClient = useQueryClient();
  const [choices, setChoices] = useState<readonly Choice[]>(proposal.files.map(firstChoice));
  const [message, setMessage] = useState<string>(firstMessage);
  const chosen = proposal.files.flatMap((file, index) => {
    const choice = choices[index];
    return choice?.included ? [{ file, choice }] : [];
  });
  const commit = useMutation({
    mutationFn: () => {
      const texts = {
        ...brought,
        ...Object.fromEntries(chosen.map(({ file, choice }) => [file.path, choice.text])),
      };
      return api.proposals.commit(application.uuid, {
        message,
        expected: proposal.head,
        files: filesOf(texts),
        encrypt_token: chosen.some(
          ({ file, choice }) => choice.alternative && file.alternative?.needs_token,
        ),
        ...(proposal.branch === null ? {} : { branch: proposal.branch }),
      });
    },
    onSuccess: ({ sha }) => {
      void queryClient.invalidateQueries({ queryKey: keys.application(application.uuid) });
      onCommitted(sha);
    },
    onError: (error) => {
      if (!(error instanceof ApiError) || error.reason !== 'branch_moved') return;
      void queryClient.invalidateQueries({
        queryKey: keys.application(application.uuid, 'proposal'),
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    commit.mutate();
  };
  const isEmpty = chosen.length === 0 && filesOf(brought).length === 0;
  return (
    <Section title={text.proposed}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {proposal.files.length === 0 && <Note tone="good">{text.nothingProposed}</Note>}
        {proposal.files.map((file, index) => (
          <ProposedFileForm
            key={file.path}
            file={file}
            choice={choices[index] ?? firstChoice(file)}
            onChange={(choice) => setChoices(choices.with(index, choice))}
          />
        ))}
        {(proposal.files.length > 0 || !isEmpty) && (
          <TextField label={text.commitMessage} value={message} onChange={setMessage} required />
        )}
        <ErrorNote error={commit.error} />
        <div className="flex flex-wrap gap-2">
          {!isEmpty && (
            <Button kind="primary" type="submit" busy={commit.isPending}>
              {text.commit}
            </Button>
          )}
          {proposal.head !== null && (
            <Button onClick={() => onCommitted(proposal.head ?? '')}>
              {proposal.files.length === 0 ? text.watchTitle : text.skipCommit}
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}
