import type { Payload } from './payload.ts';

/** Fills `%{build_number}` and the like; unknown names stay as they are. */
export function fillTemplate(line: string, payload: Payload): string {
  const values: Readonly<Record<string, string>> = {
    repository: slugOf(payload),
    repository_slug: slugOf(payload),
    repository_name: payload.repository.name,
    build_id: String(payload.id),
    build_number: payload.number,
    build_url: payload.build_url,
    pull_request: String(payload.pull_request),
    pull_request_number: String(payload.pull_request_number ?? ''),
    branch: payload.branch,
    commit: payload.commit.slice(0, 7),
    author: payload.author_name ?? '',
    commit_message: payload.message,
    commit_subject: subjectOf(payload),
    result: payload.state,
    message: payload.status_message,
    duration: spoken(payload.duration ?? 0),
    elapsed_time: spoken(payload.duration ?? 0),
    compare_url: payload.compare_url,
  };
  return line.replaceAll(/%\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}

export const slugOf = ({ repository }: Payload): string =>
  `${repository.owner_name}/${repository.name}`;

export const subjectOf = ({ message }: Payload): string => message.split('\n', 1)[0] ?? '';

export function spoken(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} sec` : `${minutes} min ${seconds % 60} sec`;
}
