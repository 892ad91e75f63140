import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Accounts, Identity, Session } from '../accounts/index.ts';
import type { Applications } from '../applications/index.ts';
import type { Ci, SettingsVariables } from '../ci/index.ts';
import type { Cron } from '../deploy/cron/index.ts';
import type { Running } from '../deploy/running/index.ts';
import type { LimitPolicy } from '../deploy/runtimes/limits.ts';
import type { Git } from '../git/index.ts';
import type { Onboarding } from '../onboarding/index.ts';
import type { Overview } from '../overview/index.ts';
import type { Pulls } from '../pulls/index.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Backups } from '../services/backups/index.ts';
import type { Services } from '../services/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Store } from '../store/index.ts';
import type { System } from '../system/index.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { Authorise, RouteAction } from './authorise-types.ts';
import type { DeployDoor, RunningDoor } from './deploy-door.ts';
import type { EdgeDoor } from './edge-trust.ts';
import type { Finders } from './finders.ts';

/** The rooms behind the door. */
export interface HttpRooms {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly applications: Applications;
  readonly ci: Ci;
  /** Variables that repositories' settings give to jobs. */
  readonly settingsVariables: SettingsVariables;
  readonly deploy: DeployDoor;
  readonly pipeline: RunningDoor;
  /** What environments may use; null where the runtime limits nothing. */
  readonly limits: LimitPolicy | null;
  readonly cron: Omit<Cron, 'start' | 'stop'>;
  /** What runs and how it came to, for people to look at. */
  /** One look at everything. */
  readonly overview: Overview;
  readonly running: Omit<Running, 'start' | 'stop'>;
  /** Of what services hold. */
  readonly backups: Omit<Backups, 'start' | 'stop'>;
  readonly git: Git;
  readonly pulls: Omit<Pulls, 'start' | 'stop' | 'onChange'>;
  /** Looks at code before it is an application. */
  readonly onboarding: Onboarding;
  readonly secrets: Secrets;
  readonly services: Omit<Services, 'start' | 'stop' | 'purge'>;
  readonly settings: HttpSettings;
  /** What stands in front; absent where nothing does. */
  readonly edge?: EdgeDoor;
  /** How the installation is. */
  readonly system: System;
  readonly telemetry: Pick<Telemetry, 'onOutcome'>;
  readonly logger: FastifyBaseLogger;
}

export type HttpSettings = Pick<
  Settings,
  | 'data'
  | 'host'
  | 'port'
  | 'publicUrl'
  | 'trustedProxies'
  | 'maxBodyBytes'
  | 'shellSeconds'
  | 'shellIdleSeconds'
>;

/** What every file of routes is given. */
export interface HttpContext extends HttpRooms {
  readonly authorise: Authorise;
  readonly find: Finders;
  /** The server's own address for people and jobs, without a slash at the end. */
  readonly publicUrl: () => string;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication hook; null on public routes. */
    identity: Identity | null;
    /** The browser session that the identity comes from; null for a token. */
    session: Session | null;
    /** True when it came over the Unix socket in the data directory. */
    isInternal: boolean;
    /** Set by `authorise`; an answer without it never leaves, see `guard.ts`. */
    authorised: boolean;
  }

  interface FastifyContextConfig {
    /** The entry of the permission table that opens this route. Every route has this, or `public`, or `internal`. */
    action?: RouteAction;
    /** Open to everyone: it shows nothing of anybody's. */
    public?: true;
    /** Only over the Unix socket. */
    internal?: true;
    /** Its handler authenticates by itself, because its clients speak another dialect (git, runners). */
    ownAuthentication?: true;
  }
}
