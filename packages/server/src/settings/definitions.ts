import { availableParallelism } from 'node:os';

/** A setting's kind decides how its text is read and what `--help` says of it. */
export type Kind = 'text' | 'integer' | 'boolean' | 'list';

export interface Definition<T> {
  readonly kind: Kind;
  readonly default: T;
  /** One sentence, without a full stop's worth of markup: it is the help text, the web page and the comment. */
  readonly help: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

const text = (
  defaultValue: string,
  help: string,
  choices?: readonly string[],
): Definition<string> => ({
  kind: 'text',
  default: defaultValue,
  help,
  ...(choices === undefined ? {} : { choices }),
});
const integer = (
  defaultValue: number,
  help: string,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): Definition<number> => ({ kind: 'integer', default: defaultValue, help, min, max });
const boolean = (defaultValue: boolean, help: string): Definition<boolean> => ({
  kind: 'boolean',
  default: defaultValue,
  help,
});
const list = (defaultValue: readonly string[], help: string): Definition<readonly string[]> => ({
  kind: 'list',
  default: defaultValue,
  help,
});

/**
 * Every setting of the server: its type, its default and what it is for. `fooBar` is `--foo-bar` on the
 * command line, `foo_bar` in the settings file and `SLUICE_FOO_BAR` in the environment.
 */
export const definitions = {
  data: text(
    'data',
    'Directory that holds everything: database, repositories, logs, applications.',
  ),
  databaseUrl: text(
    '',
    'PostgreSQL database, such as postgres://user:password@host/sluice, which several servers may share; empty: the embedded one.',
  ),
  databaseConnections: integer(
    10,
    'The most connections that this server keeps open to PostgreSQL, besides two that listen and lock.',
    2,
    1_000,
  ),
  blobs: text(
    'directory',
    'Where logs, caches and artifacts are kept: directory: in the data directory; s3: in a bucket, which several servers may share.',
    ['directory', 's3'],
  ),
  s3Bucket: text('', 'The bucket; it must be there already.'),
  s3Endpoint: text(
    '',
    'Address of the S3-compatible storage, such as https://s3.example.com:9000; empty: that of AWS in the region.',
  ),
  s3Region: text('us-east-1', 'Region of the bucket; many servers other than AWS take any.'),
  s3Prefix: text(
    '',
    'Before every name in the bucket, such as sluice/; each installation needs one of its own.',
  ),
  s3PathStyle: boolean(
    true,
    'Name the bucket in the path of the address; false: in its host name, as AWS prefers.',
  ),
  s3AccessKey: text('', 'Access key of the storage; empty: AWS_ACCESS_KEY_ID, or the file below.'),
  s3SecretKey: text(
    '',
    'Its secret key; empty: AWS_SECRET_ACCESS_KEY, or the file below. Better there than on a command line.',
  ),
  s3CredentialsFile: text(
    '',
    'A file with lines aws_access_key_id = ... and aws_secret_access_key = ..., as the aws command keeps it (its section [default]).',
  ),
  s3TimeoutSeconds: integer(
    30,
    'A storage from which nothing comes for so long counts as away.',
    1,
    3_600,
  ),
  host: text('127.0.0.1', 'Address that the server listens on.'),
  port: integer(8700, 'Port of the API, the panel and git; 0 takes any free one.', 0, 65_535),
  publicUrl: text(
    '',
    'Address under which people and jobs reach the server; empty: http://HOST:PORT.',
  ),
  appHost: text('127.0.0.1', 'Address on which the router takes the traffic for applications.'),
  appPort: integer(
    0,
    'Port of the router; 0 takes the first free one after PORT and remembers it.',
    0,
    65_535,
  ),
  appDomain: text('localhost', 'Applications answer at <environment>-<application>.<this domain>.'),
  appPublicPort: integer(
    0,
    "Port shown in application URLs when something stands in front of the router; 0: the router's own.",
    0,
    65_535,
  ),
  trustedProxies: list([], 'Addresses whose X-Forwarded-* headers are believed, comma separated.'),
  edge: text(
    'none',
    'What stands in front and ends TLS: none, or a Caddy on this machine that Sluice configures.',
    ['none', 'caddy'],
  ),
  edgeAdmin: text(
    'localhost:2019',
    "Caddy's admin API; a Unix socket, unix//run/caddy/admin.sock, keeps it from the applications.",
  ),
  edgeZone: text(
    '',
    'Domain whose names control.DOMAIN and api.DOMAIN lead to this server, as the divio client wants them; empty: none.',
  ),
  edgeIssuer: text(
    'acme',
    "Who signs certificates: acme, a public authority such as Let's Encrypt, or internal, an authority of Caddy's own.",
    ['acme', 'internal'],
  ),
  edgeEmail: text('', 'Whom the authority writes to when something is wrong with certificates.'),
  edgeAcmeDirectory: text('', "Directory URL of another ACME authority; empty: Let's Encrypt."),
  edgeHost: text('', 'Address that Caddy listens on; empty: all of the machine.'),
  edgeHttpPort: integer(80, 'Where Caddy takes plain HTTP, to send it on to https.', 1, 65_535),
  edgeHttpsPort: integer(443, 'Where Caddy takes https, TCP and UDP (HTTP/3).', 1, 65_535),
  edgeAddresses: list(
    [],
    'Addresses that domains must point to, comma separated; empty: those of this machine and of the zone.',
  ),
  edgeResolvers: list(
    [],
    "DNS servers that are asked where domains point, comma separated; empty: the system's.",
  ),
  logLevel: text('info', "The server's own log.", ['silent', 'error', 'warn', 'info', 'debug']),
  traceUrl: text(
    '',
    'Where a trace of each deployment goes by OTLP over HTTP, such as http://localhost:4318/v1/traces; empty: nowhere.',
  ),
  drainSeconds: integer(30, 'How long SIGTERM waits for running work before it is left to resume.'),

  oidcIssuer: text(
    '',
    'OpenID Connect provider that people may sign in with, such as https://login.example.com; empty: none.',
  ),
  oidcClientId: text('', 'What the provider calls this server.'),
  oidcClientSecret: text(
    '',
    "The server's password at the provider; better in SLUICE_OIDC_CLIENT_SECRET.",
  ),
  oidcName: text(
    'single sign-on',
    'What the button on the sign-in page says after "Continue with".',
  ),
  oidcCreateUsers: boolean(
    false,
    'Make an account for whoever the provider vouches for; otherwise only people with an account sign in.',
  ),
  oidcAllowedDomains: list(
    [],
    'Only email addresses of these domains may sign in by OIDC, comma separated; empty: any.',
  ),

  runnerConcurrency: integer(
    Math.max(2, availableParallelism()),
    'Jobs that the embedded runner works on at once; 0 runs none here.',
  ),
  jobSandbox: text(
    'auto',
    'auto: a bubblewrap sandbox where it works; required: no job without it; off: never.',
    ['auto', 'required', 'off'],
  ),
  executor: text(
    'host',
    'Where the embedded runner runs jobs: host: processes of this machine; docker: containers of a Docker Engine.',
    ['host', 'docker'],
  ),
  jobEngine: text(
    '',
    'Docker Engine for jobs, as DOCKER_HOST: unix:///..., tcp://HOST:PORT or ssh://USER@HOST; empty: what the environment says, else this machine’s.',
  ),
  jobImages: list(
    [],
    'Images for languages, before the built-in table: LANGUAGE[:VERSION]=IMAGE, such as python:3.*=registry.example.com/python:{version}.',
  ),
  jobAllowedImages: list(
    ['*'],
    'Images that a .travis.yml may choose by `image`, with * for any text; empty: none.',
  ),
  jobServices: list(
    [],
    'Images for services, before the built-in table: NAME=IMAGE for a known one, NAME:PORT=IMAGE for another.',
  ),
  jobPull: text('missing', 'When images of jobs are pulled.', ['missing', 'always', 'never']),
  jobRegistryFile: text(
    '',
    'The file in which `docker login` keeps the logins that images of jobs are pulled with; empty: config.json in DOCKER_CONFIG or ~/.docker. Jobs never see it.',
  ),
  jobEgress: text(
    'all',
    'Which jobs in Docker reach other machines: all, trusted ones only, or none; Sluice itself is always reached.',
    ['all', 'trusted', 'none'],
  ),
  jobEngineRepositories: list(
    [],
    'Repositories (organisation/application) whose trusted builds get the Docker Engine with `services: docker`, and with it the machine.',
  ),
  jobMemoryBytes: integer(
    0,
    'Memory of a job in Docker, and of each of its services; 0: three quarters of this machine’s.',
  ),
  jobProcesses: integer(2_048, 'Processes and threads of a job in Docker.', 16),
  jobDiskBytes: integer(
    20 * 1024 ** 3,
    'What a job in Docker may write to its container; 0: no limit.',
  ),
  strictToolchains: boolean(
    false,
    'Fail a job whose exact language version is missing, instead of using the nearest.',
  ),
  jobSilenceSeconds: integer(600, 'A job without output for so long is stopped as errored.', 1),
  jobSeconds: integer(3_000, 'The longest a job may run until its verdict.', 1),
  jobAfterVerdictSeconds: integer(7_200, 'The longest that after_success and the like may run.', 1),
  jobLogBytes: integer(
    4_500_000,
    'A job whose log grows beyond this is stopped as errored.',
    1_000,
  ),
  smtpUrl: text(
    '',
    'Mail server for notifications of builds, such as smtp://user:password@host:587; empty: no email.',
  ),
  mailFrom: text('Sluice <sluice@localhost>', 'Sender of that email.'),
  cacheRepositoryBytes: integer(
    2_000_000_000,
    'Archives of cached directories kept for one repository; the least recently used go first, 0 keeps none.',
  ),
  cacheTotalBytes: integer(
    20_000_000_000,
    'Archives of cached directories kept for all repositories together.',
  ),
  artifactDays: integer(30, 'How long the artifacts of a job are kept.', 1, 36_500),
  artifactJobBytes: integer(
    1_000_000_000,
    'What the artifacts of one job may take together; 0: none are kept.',
  ),
  artifactJobFiles: integer(1_000, 'The most files that one job may keep.', 1, 100_000),
  artifactTotalBytes: integer(
    50_000_000_000,
    'Artifacts kept for all jobs together; the oldest go first.',
  ),
  leaseSeconds: integer(30, 'A runner that is silent for so long has lost its job.', 2),
  passEnvironment: list(
    [],
    'Further variables of the server that jobs and builds may see, besides the package managers’ own.',
  ),

  commitWaitSeconds: integer(120, 'How long a deployment waits for a commit that is not here yet.'),
  buildAbsentSeconds: integer(
    120,
    'How long a deployment waits for a build of its commit to exist.',
  ),
  mirrorPollSeconds: integer(
    300,
    'How often outside repositories are looked at without a webhook, give or take a quarter; 0: never.',
  ),
  mirrorFetchSeconds: integer(1_800, 'The longest that one fetch may take.', 1),
  mirrorProtocols: list(
    ['https', 'ssh'],
    'How outside repositories may be reached: https, ssh, http and git, comma separated.',
  ),
  mirrorLocalNetworks: boolean(
    false,
    'Let outside repositories lie on this machine and in private networks.',
  ),
  webhookDays: integer(30, 'How long deliveries of webhooks can be looked at and sent again.', 1),
  imageBuildSeconds: integer(1_800, 'The longest that the build of an image may take.', 1),
  releaseCommandSeconds: integer(1_800, 'The longest that one release command may take.', 1),
  healthSeconds: integer(60, 'How long a new instance may take to answer its health check.', 1),
  healthResponseSeconds: integer(20, 'How long one answer to a health check may take.', 1),
  drainApplicationSeconds: integer(30, 'How long an old instance may finish its requests.'),
  shellSeconds: integer(14_400, 'The longest that a shell of `sluice app exec` may last.', 60),
  shellIdleSeconds: integer(1_800, 'How long such a shell may neither get nor show anything.', 60),
  keepReleases: integer(5, 'Releases of an environment kept for a rollback.', 1),
  applicationSandbox: text('auto', 'As jobSandbox, for the applications of the process runtime.', [
    'auto',
    'required',
    'off',
  ]),
  runtime: text(
    'process',
    'How applications run: process: as processes of this machine; docker: as containers of a Docker Engine.',
    ['process', 'docker'],
  ),
  dockerEngine: text(
    '',
    'Docker Engine for applications: unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST; empty: DOCKER_HOST, else this machine’s.',
  ),
  dockerCertificates: text(
    '',
    'Directory with ca.pem, cert.pem and key.pem for an engine behind tcp; empty: DOCKER_CERT_PATH where DOCKER_TLS_VERIFY is 1.',
  ),
  dockerAddress: text(
    '',
    'Address of the engine’s machine on which applications are published and the router reaches them; empty: one that only this machine reaches, or all of another machine.',
  ),
  dockerWaitSeconds: integer(60, 'How long an engine that does not answer is waited for.'),
  dockerRegistry: text(
    '',
    'Where built images are pushed to, such as registry.example.com/team; empty: nowhere.',
  ),
  dockerRegistryFile: text(
    '',
    'The file in which `docker login` keeps the credentials of registries; empty: config.json in DOCKER_CONFIG or ~/.docker.',
  ),
  dockerPythonImage: text(
    'python:{version}-slim',
    'Image that Python applications without a Dockerfile are built on.',
  ),
  dockerNodeImage: text(
    'node:{version}-slim',
    'The same for Node.js applications and for static pages.',
  ),
  dockerPlainImage: text('debian:stable-slim', 'The same for a Procfile without a language.'),
  dockerBuildArguments: list([], 'Build arguments of every image, NAME=VALUE, comma separated.'),
  dockerLayerCache: boolean(false, 'Let builds of images use the layers of earlier ones.'),
  dockerPull: boolean(false, 'Ask the registry for a newer base image at each build.'),
  dockerMilliCpus: integer(
    0,
    'Thousandths of a processor for each instance of an environment that sets no limit of its own; 0: no limit.',
  ),
  dockerMemoryBytes: integer(0, 'The same for memory.'),
  dockerProcesses: integer(512, 'The same for processes and threads.'),
  dockerMaxMilliCpus: integer(
    0,
    'The most thousandths of a processor that an environment may have for each instance; 0: as many as there are.',
  ),
  dockerMaxMemoryBytes: integer(0, 'The same for memory.'),
  dockerMaxProcesses: integer(0, 'The same for processes and threads.'),
  dockerLogBytes: integer(
    20_000_000,
    'What the engine itself keeps of the output of one instance.',
    100_000,
  ),
  dockerReadOnly: boolean(false, 'Let instances write only to /tmp, /run and their volumes.'),
  dockerCapabilities: list(
    ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
    'Rights that a root inside an instance keeps; all others are dropped.',
  ),
  dockerVolumes: list(
    [],
    'Paths in instances whose files outlive deployments; each environment has its own.',
  ),
  servicePostgresqlImage: text(
    'postgres:16-alpine',
    'Image of new PostgreSQL services, official or like it; those that exist keep theirs.',
  ),
  serviceRedisImage: text('redis:7-alpine', 'The same for Redis.'),
  serviceReadySeconds: integer(
    180,
    'How long a deployment waits for the services of its environment to answer.',
    1,
  ),
  serviceToolImage: text(
    '',
    'Image with a shell, to move the files of a storage volume when it is restored; empty: that of service_postgresql_image.',
  ),
  serviceBackupConcurrency: integer(
    2,
    'Backups and restores of services at once; each service has one at a time.',
    1,
    100,
  ),
  serviceBackupUploadBytes: integer(
    10 * 1024 ** 3,
    'The largest dump that may be uploaded as a backup of a service.',
    1,
  ),
  serviceBackupAddressSeconds: integer(
    3_600,
    'How long the address of a download or an upload of a backup is good.',
    10,
  ),
  serviceMilliCpus: integer(0, 'Thousandths of a processor for each service; 0: no limit.'),
  serviceMemoryBytes: integer(1024 ** 3, 'Memory of each service; 0: no limit.'),
  serviceProcesses: integer(512, 'Processes and threads of each service; 0: no limit.'),
  deletionGraceDays: integer(
    7,
    'A deleted application or service can be restored for so many days, with its data.',
  ),
  maxBodyBytes: integer(
    10_000_000,
    'Larger API requests are refused (git pushes are not API requests).',
    1_000,
  ),
  maxPushBytes: integer(0, 'Larger pushes are refused; 0: the built-in limit of 4 GiB.'),
} as const;

export type SettingName = keyof typeof definitions;

export type Settings = {
  readonly [Name in SettingName]: (typeof definitions)[Name] extends Definition<infer T>
    ? T
    : never;
};
