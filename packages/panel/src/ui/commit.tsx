import { Link } from '@tanstack/react-router';

/** The first ten digits, as git shortens it. */
export const shortSha = (sha: string): string => sha.slice(0, 10);

/** A commit that leads to what became of it. `app` is the application's key in addresses. */
export function CommitLink({ app, sha }: { app: string; sha: string }) {
  return (
    <Link
      to="/applications/$app/commits/$sha"
      params={{ app, sha }}
      title={sha}
      className="font-mono text-xs text-accent underline underline-offset-2"
    >
      {shortSha(sha)}
    </Link>
  );
}
