import type { IncomingMessage, ServerResponse } from 'node:http';
import { SluiceError } from '../../errors.ts';
import { configEnvironment, type GitProcesses } from '../process.ts';
import type { Pushes } from '../pushes.ts';
import type { GitHttpAccess } from '../types.ts';
import { serveBackend } from './backend.ts';
import { parseGitPath } from './path.ts';

export interface HandleDeps {
  readonly git: GitProcesses;
  readonly pushes: Pushes;
  /** Holds the bare repositories, `<uuid>.git`. */
  readonly directory: string;
  readonly hooksDirectory: string;
  readonly socketPath: string;
  readonly maxPushBytes: number;
  readonly maxObjectBytes: number;
  readonly idleTimeoutMs: number;
}

/** Serves a clone, a fetch or a push. Throws `forbidden` for a push that is not allowed, before anything is read. */
export async function handleGitHttp(
  deps: HandleDeps,
  req: IncomingMessage,
  res: ServerResponse,
  access: GitHttpAccess,
): Promise<void> {
  const { repository, resource } = access;
  const isPush = parseGitPath(req.url ?? '')?.isPush ?? resource === 'git-receive-pack';
  if (isPush && repository.kind === 'mirror') {
    throw new SluiceError(
      'forbidden',
      `${repository.slug} is a mirror; push to ${repository.url}.`,
      {
        reason: 'mirror',
      },
    );
  }
  if (isPush && !access.canPush) {
    throw new SluiceError('forbidden', `You may not push to ${repository.slug}.`);
  }
  const receives = resource === 'git-receive-pack';
  const token = receives
    ? deps.pushes.begin({
        repositoryUuid: repository.uuid,
        pusherUuid: access.identityUuid,
        canForce: access.canForce,
      })
    : null;
  try {
    await serveBackend(deps.git, req, res, {
      root: deps.directory,
      name: `${repository.uuid}.git`,
      resource,
      remoteUser: access.identityUuid,
      idleTimeoutMs: deps.idleTimeoutMs,
      env: {
        ...configEnvironment(backendConfig(deps, isPush)),
        ...(token === null ? {} : hookEnvironment(deps, repository.uuid, token)),
      },
    });
  } finally {
    if (token !== null) deps.pushes.end(token);
  }
}

function hookEnvironment(deps: HandleDeps, repositoryUuid: string, token: string) {
  return {
    SLUICE_HOOK_SOCKET: deps.socketPath,
    SLUICE_PUSH_TOKEN: token,
    SLUICE_REPOSITORY: repositoryUuid,
    SLUICE_MAX_OBJECT_BYTES: String(deps.maxObjectBytes),
  };
}

function backendConfig(deps: HandleDeps, isPush: boolean): (readonly [string, string])[] {
  return [
    ['http.getanyfile', 'false'],
    ['http.uploadpack', 'true'],
    ['http.receivepack', String(isPush)],
    // A job fetches the commit it was made for, also after the branch has moved on.
    ['uploadpack.allowAnySHA1InWant', 'true'],
    ['uploadpack.allowFilter', 'true'],
    ['core.hooksPath', deps.hooksDirectory],
    ['receive.maxInputSize', String(deps.maxPushBytes)],
    // Packs are kept as they come: unpacking 200 MB of files and packing them again for a clone took 40 s.
    ['receive.unpackLimit', '1'],
    ['receive.advertisePushOptions', 'true'],
    // Our own hook decides on these, by branch and by who pushes.
    ['receive.denyDeletes', 'false'],
    ['receive.denyNonFastForwards', 'false'],
    ['receive.denyDeleteCurrent', 'ignore'],
    // Trees that would write outside a work tree are refused at the door; harmless old sins are not.
    ['receive.fsckObjects', 'true'],
    ['receive.fsck.missingSpaceBeforeDate', 'ignore'],
    ['receive.fsck.badTimezone', 'ignore'],
    ['receive.fsck.missingEmail', 'ignore'],
    ['receive.fsck.zeroPaddedFilemode', 'ignore'],
    // Bounds for git's own memory and time: no search for deltas between large files.
    ['core.bigFileThreshold', '4m'],
    ['pack.windowMemory', '64m'],
    ['pack.threads', '2'],
  ];
}
