import type { EnvironmentLine, SearchHit } from '@sluice/contract';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Command as Menu } from 'cmdk';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { overviewQuery } from '../../api/overview.ts';
import { useCan, useSession } from '../../api/session.ts';
import { shortcutsSignal } from '../../shell/signals.ts';
import { setTheme } from '../../shell/theme.ts';
import { palette as text } from '../../text/palette.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DeployDialog } from '../application/deploy-dialog.tsx';
import { type Choice, type Command, commandGroups } from './commands.ts';

/** One types on: the server is asked when there is a pause. */
const PAUSE_MS = 150;
const SHORTEST = 2;
/** The panel finds these by itself, and shows them above. */
const KNOWN_HERE = ['application', 'environment'];

/** One field to go anywhere and do anything: pages, applications, commands, and whatever the server finds. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [wanted, setWanted] = useState('');
  const [deploy, setDeploy] = useState<EnvironmentLine | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const perform = usePerform(setDeploy, onClose);
  const groups = useGroups(wanted);
  const found = useServerSearch(wanted.trim());
  // The dialog has put the focus on its first button.
  useEffect(() => input.current?.focus(), []);

  if (deploy !== null) return <DeployDialog environment={deploy} onClose={onClose} />;
  const isEmpty = groups.length === 0 && found.hits.length === 0;
  return (
    <Dialog title={text.label} onClose={onClose}>
      <Menu label={text.label} shouldFilter={false} loop vimBindings={false}>
        <Menu.Input
          ref={input}
          value={wanted}
          onValueChange={setWanted}
          placeholder={text.placeholder}
          aria-describedby="palette-hint"
          className="w-full rounded-md border border-edge bg-surface px-3 py-2 text-sm text-ink placeholder:text-muted"
        />
        <p id="palette-hint" className="mt-1 text-xs text-muted">
          {text.hint}
        </p>
        <Menu.List className="mt-3 max-h-[50dvh] overflow-y-auto" label={text.label}>
          {groups.map(({ heading, commands }) => (
            <Group key={heading} heading={heading} commands={commands} onChoose={perform} />
          ))}
          {found.hits.length > 0 && (
            <Group heading={text.found} commands={found.hits.map(hitCommand)} onChoose={perform} />
          )}
        </Menu.List>
        <p role="status" className="mt-2 text-sm text-muted">
          {found.failed && text.searchFailed}
          {found.searching && text.searching}
          {isEmpty && !found.searching && !found.failed && text.nothing(wanted.trim())}
        </p>
      </Menu>
    </Dialog>
  );
}

function Group({
  heading,
  commands,
  onChoose,
}: {
  heading: string;
  commands: readonly Command[];
  onChoose: (choice: Choice) => void;
}) {
  return (
    <Menu.Group
      heading={heading}
      className="mb-2 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted"
    >
      {commands.map(({ id, title, detail, choice }) => (
        <Menu.Item
          key={id}
          value={id}
          onSelect={() => onChoose(choice)}
          className="flex cursor-pointer flex-wrap items-baseline gap-x-3 rounded-md px-2 py-1.5 text-sm data-[selected=true]:bg-accent-soft"
        >
          <span className="break-words">{title}</span>
          {detail !== undefined && (
            <span className="min-w-0 truncate text-xs text-muted">{detail}</span>
          )}
        </Menu.Item>
      ))}
    </Menu.Group>
  );
}

const hitCommand = ({ kind, title, detail, path }: SearchHit): Command => ({
  id: `found ${kind} ${path}`,
  title: `${text.kinds[kind] ?? kind} ${title}`,
  detail,
  choice: { kind: 'go', path },
});

function useGroups(wanted: string) {
  const { user } = useSession();
  const may = useCan();
  const { data } = useQuery(overviewQuery);
  return commandGroups(data?.applications ?? [], wanted, {
    isAdmin: user.is_admin,
    mayDeploy: ({ organisation }) => may(organisation, 'application:deploy'),
  });
}

function useServerSearch(wanted: string) {
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const isAsked = asked.length >= SHORTEST;
  const search = useQuery({
    queryKey: ['search', asked],
    enabled: isAsked,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      api.send<{ hits: SearchHit[] }>('GET', '/apps/v3/search/', { query: { q: asked }, signal }),
  });
  const hits = isAsked ? (search.data?.hits ?? []) : [];
  return {
    hits: hits.filter(({ kind }) => !KNOWN_HERE.includes(kind)),
    searching: isAsked && (search.isFetching || asked !== wanted),
    failed: isAsked && search.isError,
  };
}

function usePerform(onDeploy: (environment: EnvironmentLine) => void, onClose: () => void) {
  const router = useRouter();
  const queryClient = useQueryClient();
  return (choice: Choice): void => {
    if (choice.kind === 'deploy') {
      onDeploy(choice.environment);
      return;
    }
    onClose();
    if (choice.kind === 'go') router.history.push(choice.path);
    else if (choice.kind === 'theme') setTheme(choice.theme);
    else if (choice.kind === 'shortcuts') shortcutsSignal.send();
    else {
      void api.send('DELETE', '/iam/v3/session/').then(() => {
        queryClient.clear();
        router.history.push('/sign-in');
      });
    }
  };
}
