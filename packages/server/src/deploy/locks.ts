/** Held by the server that changes what runs in an environment: a deployment, a restart, a stop, the healing. */
export const environmentLock = (environmentUuid: string): string =>
  `environment ${environmentUuid}`;

/** Held by the server that performs the environment's deployment: where nobody has it, that server is gone. */
export const performingLock = (environmentUuid: string): string => `performing ${environmentUuid}`;
