import type { Environment } from '../applications/index.ts';
import { SluiceError } from '../errors.ts';

/** Quotes and spaces around it come from copied curl lines (spec/divio.md 5). */
export function readStage(text: string, environments: readonly Environment[]): Environment {
  const slug = text.trim().replace(/^["'\s]+|["'\s]+$/g, '');
  const environment = environments.find((candidate) => candidate.slug === slug);
  if (environment !== undefined) return environment;
  const known = environments.map((candidate) => candidate.slug).join(', ');
  const shown = slug.length > 60 ? `${slug.slice(0, 60)}...` : slug;
  const message =
    slug === ''
      ? `Name an environment, such as stage=${environments[0]?.slug ?? 'test'}. There are: ${known}.`
      : `There is no environment "${shown}". There are: ${known}.`;
  throw new SluiceError('invalid', message, { fields: { stage: [message] } });
}
