import type { SearchHit } from '@sluice/contract';
import { sql } from 'kysely';
import type { Store } from '../store/index.ts';

/** Where somebody looks: the applications that they may see. */
export interface SearchSubject {
  readonly uuid: string;
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly repositoryUuid: string;
}

const MOST_HITS = 20;
const MOST_OF_A_KIND = 8;
const HEX = /^[0-9a-f]{4,40}$/;

/**
 * What matches, best first: applications and environments by name, builds by number, branch and message, commits by
 * the first digits of their hash, deployments by those of their uuid.
 */
export function createSearch({ db }: Store) {
  const environments = async (subjects: readonly SearchSubject[], pattern: string) => {
    const rows = await db
      .selectFrom('environments')
      .select(['slug', 'branch', 'application_uuid'])
      .where('application_uuid', 'in', uuidsOf(subjects))
      .where('deleted_at', 'is', null)
      .where(({ eb, or }) =>
        or([
          eb(sql<string>`lower(slug)`, 'like', sql<string>`${pattern} escape '!'`),
          eb(sql<string>`lower(host_label)`, 'like', sql<string>`${pattern} escape '!'`),
        ]),
      )
      .orderBy('slug')
      .limit(MOST_OF_A_KIND)
      .execute();
    return rows.flatMap((row): SearchHit[] => {
      const of = subjects.find(({ uuid }) => uuid === row.application_uuid);
      if (of === undefined) return [];
      return [
        {
          kind: 'environment',
          title: `${of.name} ${row.slug}`,
          detail: `environment, branch ${row.branch}`,
          path: `${pathOf(of)}/environments/${encodeURIComponent(row.slug)}`,
        },
      ];
    });
  };

  const builds = async (subjects: readonly SearchSubject[], text: string, pattern: string) => {
    const number = /^#?(\d{1,9})$/.exec(text)?.[1];
    const rows = await db
      .selectFrom('builds')
      .select(['id', 'number', 'branch', 'state', 'message', 'repository_uuid'])
      .where('repository_uuid', 'in', repositoriesOf(subjects))
      .where(({ eb, or }) =>
        or([
          eb(sql<string>`lower(message)`, 'like', sql<string>`${pattern} escape '!'`),
          eb(sql<string>`lower(branch)`, 'like', sql<string>`${pattern} escape '!'`),
          ...(number === undefined ? [] : [eb('number', '=', Number(number))]),
        ]),
      )
      .orderBy('id', 'desc')
      .limit(MOST_OF_A_KIND)
      .execute();
    return rows.map((row): SearchHit => {
      const of = subjects.find(({ repositoryUuid }) => repositoryUuid === row.repository_uuid);
      return {
        kind: 'build',
        title: `${of?.name ?? ''} #${row.number}`,
        detail: `${row.state}, ${row.branch}: ${row.message.split('\n', 1)[0] ?? ''}`,
        path: `/builds/${row.id}`,
      };
    });
  };

  const commits = async (subjects: readonly SearchSubject[], prefix: string) => {
    const rows = await db
      .selectFrom('builds')
      .select(['sha', 'message', 'repository_uuid'])
      .where('repository_uuid', 'in', repositoriesOf(subjects))
      .where('sha', '>=', prefix)
      .where('sha', '<', `${prefix}g`)
      .orderBy('id', 'desc')
      .limit(MOST_OF_A_KIND)
      .execute();
    const unique = new Map(rows.map((row) => [`${row.repository_uuid} ${row.sha}`, row]));
    return [...unique.values()].flatMap((row): SearchHit[] => {
      const of = subjects.find(({ repositoryUuid }) => repositoryUuid === row.repository_uuid);
      if (of === undefined) return [];
      return [
        {
          kind: 'commit',
          title: row.sha.slice(0, 12),
          detail: `${of.name}: ${row.message.split('\n', 1)[0] ?? ''}`,
          path: `${pathOf(of)}/commits/${row.sha}`,
        },
      ];
    });
  };

  const deployments = async (subjects: readonly SearchSubject[], prefix: string) => {
    const rows = await db
      .selectFrom('deployments as d')
      .innerJoin('environments as e', 'e.uuid', 'd.environment_uuid')
      .select(['d.uuid', 'd.status', 'd.sha', 'd.application_uuid', 'e.slug'])
      .where('d.application_uuid', 'in', uuidsOf(subjects))
      .where(({ eb, or, and }) =>
        or([
          and([eb('d.uuid', '>=', prefix), eb('d.uuid', '<', `${prefix}g`)]),
          and([eb('d.sha', '>=', prefix), eb('d.sha', '<', `${prefix}g`)]),
        ]),
      )
      .orderBy('d.accepted_at', 'desc')
      .limit(MOST_OF_A_KIND)
      .execute();
    return rows.map((row): SearchHit => {
      const of = subjects.find(({ uuid }) => uuid === row.application_uuid);
      return {
        kind: 'deployment',
        title: `${of?.name ?? ''} ${row.slug.replace(/~.*$/, '')}`,
        detail: `${row.status.toLowerCase()}, commit ${row.sha?.slice(0, 12) ?? 'not known yet'}`,
        path: `/deployments/${row.uuid}`,
      };
    });
  };

  return async (subjects: readonly SearchSubject[], asked: string): Promise<SearchHit[]> => {
    const text = asked.trim().toLowerCase();
    if (text === '' || subjects.length === 0) return [];
    const pattern = `%${text.replaceAll(/[!%_]/g, '!$&')}%`;
    const hex = HEX.test(text);
    const found = await Promise.all([
      applications(subjects, text),
      environments(subjects, pattern),
      hex ? commits(subjects, text) : [],
      builds(subjects, text, pattern),
      hex ? deployments(subjects, text) : [],
    ]);
    return found.flat().slice(0, MOST_HITS);
  };
}

/** Those whose name begins with the text first. */
function applications(subjects: readonly SearchSubject[], text: string): SearchHit[] {
  const begins = ({ name, slug }: SearchSubject) =>
    name.toLowerCase().startsWith(text) || slug.startsWith(text) ? 0 : 1;
  return subjects
    .filter(
      ({ name, slug, id }) =>
        name.toLowerCase().includes(text) || slug.includes(text) || String(id) === text,
    )
    .sort((a, b) => begins(a) - begins(b) || a.name.localeCompare(b.name))
    .slice(0, MOST_OF_A_KIND)
    .map((one) => ({
      kind: 'application',
      title: one.name,
      detail: `application ${one.id}`,
      path: pathOf(one),
    }));
}

const pathOf = ({ id, slug }: SearchSubject): string =>
  `/applications/${id}-${encodeURIComponent(slug)}`;
const uuidsOf = (subjects: readonly SearchSubject[]) => subjects.map(({ uuid }) => uuid);
const repositoriesOf = (subjects: readonly SearchSubject[]) =>
  subjects.map(({ repositoryUuid }) => repositoryUuid);
