import type { HttpContext } from '../context.ts';
import type { OfApplication } from '../finders.ts';

/** Who did what with which backup. */
export const auditBackups =
  ({ accounts }: HttpContext) =>
  (
    { identity, application }: OfApplication,
    action: string,
    uuid: string,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> =>
    accounts.audit(null, {
      ...{ actor: identity.email, action, target: `backup:${uuid}` },
      details: { application: application.uuid, ...details },
    });
