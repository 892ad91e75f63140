import type { PullRequest } from '@sluice/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { pullCommentsQuery } from '../../api/pulls.ts';
import { pulls as text } from '../../text/pulls.ts';
import { Button } from '../../ui/button.tsx';
import { TextArea } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { Time } from '../../ui/time.tsx';

/** What people, and Sluice itself, said; as plain text. */
export function Comments({ pull }: { pull: PullRequest }) {
  const client = useQueryClient();
  const [body, setBody] = useState('');
  const query = pullCommentsQuery(pull.application, pull.uuid);
  const found = useQuery(query);
  const send = useMutation({
    mutationFn: () => api.pullRequests.comment(pull.uuid, body),
    onSuccess: async () => {
      setBody('');
      await client.invalidateQueries({ queryKey: query.queryKey });
    },
  });
  return (
    <Section title={text.comments}>
      <ErrorNote error={found.error} retry={() => void found.refetch()} />
      {found.isPending && <Loading lines={2} />}
      {found.data?.comments.length === 0 && <p className="text-sm text-muted">{text.noComments}</p>}
      <ul className="flex flex-col gap-3">
        {found.data?.comments.map((comment) => (
          <li key={comment.uuid} className="text-sm">
            <span className="font-medium">{comment.author}</span>{' '}
            <span className="text-muted">
              <Time at={comment.created_at} />
            </span>
            <p className="break-words whitespace-pre-wrap">{comment.body}</p>
          </li>
        ))}
      </ul>
      <form
        className="mt-4 flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (body.trim() !== '') send.mutate();
        }}
      >
        <TextArea label={text.comment} value={body} onChange={setBody} rows={3} />
        <ErrorNote error={send.error} />
        <div>
          <Button type="submit" busy={send.isPending} disabled={body.trim() === ''}>
            {text.send}
          </Button>
        </div>
      </form>
    </Section>
  );
}
