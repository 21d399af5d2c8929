// Owns: the context block that tells a worker where it is. It stands in the first user message, after all that workers share.
// Promises: pure; the same facts give the same text; a date, never a time, so that workers of a day can share what follows.
// Never: part of the system prompt.

export type Environment = {
  readonly cwd: string;
  /** As in process.platform. */
  readonly platform: string;
  readonly date: Date;
  readonly isGit: boolean;
  readonly branch?: string | undefined;
  /** Of a worker in a git worktree: the directory it is a copy of. */
  readonly copyOf?: string | undefined;
  /** Directories beside cwd that the worker may use. */
  readonly additionalDirectories?: readonly string[] | undefined;
};

export function environmentContext(environment: Environment): string {
  const { cwd, platform, date, isGit, branch, copyOf, additionalDirectories = [] } = environment;
  const lines = [
    `Working directory: ${cwd}`,
    ...additionalDirectories.map((directory) => `Additional directory: ${directory}`),
    `Git repository: ${isGit ? `yes${branch === undefined ? '' : `, on branch ${branch}`}` : 'no'}`,
    ...(copyOf === undefined
      ? []
      : [
          `Git worktree: your own copy of ${copyOf}. Work in this copy only; what you change is collected from it when you end, committed or not.`,
        ]),
    `Platform: ${platform}`,
    `Date: ${date.toISOString().slice(0, 10)}`,
  ];
  return `<environment>\n${lines.join('\n')}\n</environment>`;
}
