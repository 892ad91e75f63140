/**
 * A shell in the surroundings of a live release: the WebSocket `/apps/v3/environments/UUID/shell/`. The client first sends
 * `start`. Binary messages carry bytes, the first of which says what they are (`SHELL_CHANNELS`); text messages are JSON.
 */
export const SHELL_CHANNELS = { input: 0, output: 1, error: 2 } as const;

export interface ShellSize {
  readonly columns: number;
  readonly rows: number;
}

export type ShellRequest =
  | {
      readonly type: 'start';
      /** Program and arguments; empty: a shell. */
      readonly command: readonly string[];
      /** Null: no terminal, and standard error is apart from standard output. */
      readonly terminal: ShellSize | null;
    }
  | ({ readonly type: 'resize' } & ShellSize)
  /** There is no more input. */
  | { readonly type: 'end' };

export type ShellAnswer =
  | { readonly type: 'started' }
  | { readonly type: 'exit'; readonly code: number }
  /** Nothing follows: it could not be started, or was ended by Sluice. */
  | { readonly type: 'error'; readonly message: string };

export const shellPath = (environmentUuid: string): string =>
  `/apps/v3/environments/${encodeURIComponent(environmentUuid)}/shell/`;
