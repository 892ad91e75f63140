import type { Server } from 'node:http';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController } from 'fastify';
import { createAuthorise } from './authorise.ts';
import { registerServiceBackups } from './backups/index.ts';
import { addBodyParsers, validatorCompiler } from './bodies.ts';
import { registerCi } from './ci-door.ts';
import type { HttpContext, HttpRooms } from './context.ts';
import { addEdgeTrust, trustsTheEdge } from './edge-trust.ts';
import { addErrorHandler, answerFrameworkError } from './errors.ts';
import { registerEvents } from './events/index.ts';
import { createFinders } from './finders.ts';
import { addGuard, type InternalRequests } from './guard.ts';
import { addSecurityHeaders } from './headers.ts';
import { listenInternally, listenPublicly } from './listen.ts';
import { registerLogViews } from './log-view/index.ts';
import { registerMetrics } from './metrics/index.ts';
import { addOpenApi, registerOpenApi } from './openapi.ts';
import { registerPanel, rewritePageVisit } from './panel/index.ts';
import { registerPulls } from './pulls/index.ts';
import { registerAllImages } from './routes/all-images.ts';
import { registerApplications } from './routes/applications.ts';
import { registerAuditLog } from './routes/audit-log.ts';
import { registerCatalogue } from './routes/catalogue.ts';
import { registerCliDownload } from './routes/cli-download.ts';
import { registerCollaborators } from './routes/collaborators.ts';
import { registerCommits } from './routes/commits.ts';
import { registerConnect } from './routes/connect.ts';
import { registerCron } from './routes/cron.ts';
import { registerDeployments } from './routes/deployments.ts';
import { registerDomains } from './routes/domains.ts';
import { registerEnvironmentControls } from './routes/environment-controls.ts';
import { registerEnvironments } from './routes/environments.ts';
import { registerGit } from './routes/git.ts';
import { registerHealth } from './routes/health.ts';
import { registerIam } from './routes/iam.ts';
import { registerImages } from './routes/images.ts';
import { registerInsights } from './routes/insights.ts';
import { registerInternal } from './routes/internal.ts';
import { registerInvitations } from './routes/invitations.ts';
import { registerOidc } from './routes/oidc.ts';
import { registerOnboarding } from './routes/onboarding.ts';
import { registerOrganisations } from './routes/organisations.ts';
import { registerOverview } from './routes/overview.ts';
import { registerReleases } from './routes/releases.ts';
import { registerRepositories } from './routes/repositories.ts';
import { registerRepositoryConnect } from './routes/repository-connect.ts';
import { registerRepositoryWebhook } from './routes/repository-webhook.ts';
import { registerRunning } from './routes/running.ts';
import { registerSecurity } from './routes/security.ts';
import { registerSecurityPasskeys } from './routes/security-passkeys.ts';
import { registerServices } from './routes/services.ts';
import { registerSession } from './routes/session.ts';
import { registerSessionPasskey } from './routes/session-passkey.ts';
import { registerSetup } from './routes/setup.ts';
import { registerSystem } from './routes/system.ts';
import { registerTokens } from './routes/tokens.ts';
import { registerUsers } from './routes/users.ts';
import { registerV1 } from './routes/v1.ts';
import { registerVariables } from './routes/variables.ts';
import { registerShell } from './shell/index.ts';
import { holdUntil } from './starting.ts';
import { registerTravis } from './travis/index.ts';
import { VERSION } from './version.ts';
import { registerWebhooks } from './webhooks.ts';

export type { HttpRooms, HttpSettings } from './context.ts';
export type { EdgeDoor } from './edge-trust.ts';

export interface Http {
  /** For tests (`inject`) and for whoever adds routes before `listen`. */
  readonly app: Awaited<ReturnType<typeof createApp>>['app'];
  /** Opens the internal socket, then the TCP port. Answers the port, and the URL for people. */
  listen(): Promise<{ port: number; url: string }>;
  /** Takes no new requests, lets those at work finish, closes both doors. */
  close(): Promise<void>;
}

/** Answers that are under way when the server closes may take so long. */
const CLOSE_GRACE_MS = 2_000;

/**
 * The only door for people and machines: parse, authorise, call a room, answer. Requests that come before `started`
 * wait for it. `socketPath` is its internal door.
 */
export async function createHttp(
  rooms: HttpRooms,
  started: Promise<void> = Promise.resolve(),
  socketPath = join(rooms.settings.data, 'run', 'internal.sock'),
): Promise<Http> {
  const { settings } = rooms;
  let url = settings.publicUrl.replace(/\/+$/, '');
  const internalRequests: InternalRequests = new WeakSet();
  const { app } = await createApp(rooms, internalRequests, started, () => url);
  let internal: Server | null = null;

  return {
    app,
    listen: async () => {
      await app.ready();
      internal = await listenInternally(app, socketPath, internalRequests);
      try {
        const port = await listenPublicly(app, settings.host, settings.port);
        if (url === '') url = `http://${hostInUrl(settings.host)}:${port}`;
        return { port, url };
      } catch (error) {
        internal.close();
        throw error;
      }
    },
    close: async () => {
      internal?.close();
      internal?.closeIdleConnections();
      // Long polls would hold the end back for a minute; their readers ask again.
      const cut = setTimeout(() => {
        app.server.closeAllConnections();
        internal?.closeAllConnections();
      }, CLOSE_GRACE_MS);
      await app.close();
      clearTimeout(cut);
      internal?.closeAllConnections();
    },
  };
}

async function createApp(
  rooms: HttpRooms,
  internalRequests: InternalRequests,
  started: Promise<void>,
  publicUrl: () => string,
) {
  const { accounts, edge, settings } = rooms;
  const { trustedProxies } = settings;
  const app = Fastify({
    loggerInstance: rooms.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: settings.maxBodyBytes,
    trustProxy: edge ? trustsTheEdge : trustedProxies.length > 0 && [...trustedProxies],
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    forceCloseConnections: 'idle',
    frameworkErrors: answerFrameworkError,
    rewriteUrl: rewritePageVisit,
  }).withTypeProvider<TypeBoxTypeProvider>();

  if (edge) addEdgeTrust(app, edge);
  app.setValidatorCompiler(validatorCompiler);
  // Schemas describe answers; views build them field by field, so nothing needs to be cut away.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  addErrorHandler(app);
  addSecurityHeaders(app);
  holdUntil(app, started, internalRequests);
  await app.register(cookie);
  addGuard(app, accounts, internalRequests, publicUrl);
  addBodyParsers(app);
  await addOpenApi(app, VERSION);

  const authorise = createAuthorise(rooms);
  const find = createFinders({ ...rooms, authorise });
  const context: HttpContext = { ...rooms, authorise, find, publicUrl };
  registerHealth(app, context);
  registerMetrics(app, context);
  registerSystem(app, context);
  registerAllImages(app, context);
  registerIam(app, context);
  registerAuditLog(app, context);
  registerSession(app, context);
  registerSessionPasskey(app, context);
  registerSecurity(app, context);
  registerSecurityPasskeys(app, context);
  registerOidc(app, context);
  registerTokens(app, context);
  registerUsers(app, context);
  registerOrganisations(app, context);
  registerInvitations(app, context);
  await registerShell(app, context);
  registerApplications(app, context);
  registerCollaborators(app, context);
  registerEnvironments(app, context);
  registerEnvironmentControls(app, context);
  registerEvents(app, context);
  registerOverview(app, context);
  registerVariables(app, context);
  registerDeployments(app, context);
  registerReleases(app, context);
  registerImages(app, context);
  registerRunning(app, context);
  registerCron(app, context);
  registerDomains(app, context);
  registerServiceBackups(app, context);
  registerInsights(app, context);
  registerConnect(app, context);
  registerRepositories(app, context);
  registerRepositoryConnect(app, context);
  registerRepositoryWebhook(app, context);
  registerWebhooks(app, context);
  registerOnboarding(app, context);
  registerCommits(app, context);
  registerCatalogue(app, context);
  registerServices(app, context);
  registerCliDownload(app);
  registerPulls(app, context);
  registerV1(app, context);
  registerSetup(app, context);
  registerInternal(app, context);
  registerGit(app, context);
  await registerCi(app, context);
  registerLogViews(app, context);
  await registerTravis(app, context);
  await registerPanel(app);
  registerOpenApi(app);
  return { app };
}

/** An address that means "all of them" is not one that can be opened. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
