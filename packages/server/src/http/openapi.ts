import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

/** Collects every route from here on; must be registered before them. */
export async function addOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sluice',
        version,
        description:
          'Every commit that passes goes live, in order. Both forms of a path, with and without the last slash, ' +
          'answer alike; POST and PATCH take JSON and forms.',
      },
      components: {
        securitySchemes: {
          token: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: '`Token <token>`; `Bearer` and `Basic` in front of the token work too.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'sluice_session',
            description:
              "A browser's session (`__Host-sluice_session` over https), where no Authorization header comes along. " +
              "Whatever is no GET must come from the panel's own pages.",
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: ({ schema, url, route }) => {
      const open = route.config?.public ? { security: [] } : {};
      const action = route.config?.action;
      const described = action === undefined ? {} : { 'x-sluice-action': action };
      return { schema: { ...schema, ...open, ...described }, url };
    },
  });
}

export function registerOpenApi(app: FastifyInstance): void {
  app.get(
    '/api/openapi.json',
    {
      config: { public: true },
      schema: {
        summary: 'This document',
        tags: ['health'],
        response: { 200: Type.Record(Type.String(), Type.Unknown()) },
      },
    },
    async () => app.swagger(),
  );
}
