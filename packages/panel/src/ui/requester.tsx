import { running as text } from '../text/running.ts';
import { TextLink } from './link.tsx';

/** A job asks under an address that nobody has, so that it is never taken for a person's. */
const JOB = /^job-(\d+)@jobs\.invalid$/;

/** Who asked for something: a person or machine user by email, a job by a link to it. */
export function Requester({ email }: { email: string }) {
  const job = JOB.exec(email)?.[1];
  if (job === undefined) return <>{email}</>;
  return (
    <TextLink to="/jobs/$job" params={{ job }}>
      {text.job(job)}
    </TextLink>
  );
}
