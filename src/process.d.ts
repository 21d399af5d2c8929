// Owns: what the runtimes have and their type package does not know yet.
declare namespace NodeJS {
  interface Process {
    /** Replaces this process; not on Windows, not on Deno. */
    execve?(file: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>): never;
  }
}
