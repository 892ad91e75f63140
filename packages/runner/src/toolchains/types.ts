export const TOOLS = ['python', 'node', 'ruby', 'go', 'rust', 'jdk', 'php'] as const;
export type Tool = (typeof TOOLS)[number];

/** One version of a tool that this machine has. Paths are absolute. */
export interface Installation {
  tool: Tool;
  /** `cpython`, `pypy`, `jruby`...: a request for one is never answered with another. */
  flavour: string;
  /** As its directory or the program itself says: `3.6.15`, `20.11.0`, `stable`. */
  version: string;
  /** The directory to put on PATH. */
  bin: string;
  /** The interpreter or compiler itself. */
  program: string;
  /** Who installed it: `pyenv`, `nvm`, `PATH`... */
  source: string;
}

/** What was chosen among the installations of a machine. */
export type InstalledChoice =
  | { kind: 'found'; installation: Installation; notice: string | null }
  | { kind: 'missing'; message: string };

export type Choice =
  | InstalledChoice
  /** It is in the image that was chosen for this version, on its PATH. */
  | { kind: 'image'; version: string | null };
