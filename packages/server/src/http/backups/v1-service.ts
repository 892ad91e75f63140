import type { FastifyRequest } from 'fastify';
import { SluiceError } from '../../errors.ts';
import type { ServiceInstance } from '../../services/index.ts';
import type { HttpContext } from '../context.ts';
import type { OfEnvironment } from '../finders.ts';
import { readStage } from '../read-stage.ts';

/** What divio-cli 3.x can pull and push, in the words of its addresses. */
export const DATA = {
  db: { kind: 'postgresql', title: 'database', file: 'db_dump' },
  media: { kind: 'storage', title: 'storage', file: 'media_files' },
} as const;

export type DataName = keyof typeof DATA;

/** A backup that is made for the moment goes after it, as the client of 4.x asks. */
const KEPT_MS = 60 * 60_000;
export const soon = (): string => new Date(Date.now() + KEPT_MS).toISOString();

/** The environment and service that a request of divio-cli 3.x means. Throws `invalid` where there is none. */
export async function findV1Service(
  { applications, find, services }: HttpContext,
  request: FastifyRequest,
  data: DataName,
  wanted: { readonly stage: string; readonly prefix: string },
): Promise<OfEnvironment & { readonly service: ServiceInstance }> {
  const { id } = request.params as { id: string };
  const of = await find.website(request, id, 'application:write');
  const environment = readStage(wanted.stage, await applications.environments(of.application.uuid));
  const { kind, title } = DATA[data];
  const prefix = wanted.prefix.trim().toUpperCase() || 'DEFAULT';
  const all = await services.list({ environmentUuids: [environment.uuid] });
  const service = all.find((one) => one.kind === kind && one.prefix === prefix);
  if (service !== undefined) return { ...of, environment, service };
  const text = `The environment ${environment.slug} has no ${title} with the prefix ${prefix}. Add one: sluice app service-instances add ${environment.slug} -s ${kind}${prefix === 'DEFAULT' ? '' : ` -p ${prefix}`}`;
  throw new SluiceError('invalid', text, { fields: { prefix: [text] } });
}
