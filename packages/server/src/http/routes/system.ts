import { SystemHealth } from '@sluice/contract';
import type { App, HttpContext } from '../context.ts';

/** How the installation is. */
export function registerSystem(app: App, { authorise, system }: HttpContext): void {
  app.get(
    '/system/v3/health/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'How every part of the installation is, and what to do about it',
        tags: ['health'],
        response: { 200: SystemHealth },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      return system.health();
    },
  );
}
