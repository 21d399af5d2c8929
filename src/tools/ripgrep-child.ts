// Owns: the work of the hidden sub-command that runs ripgrep's WebAssembly build. A door of its own, so that the child loads
// nothing else of the room.
// Promises: ripgrep's own output on stdout, its messages on stderr, its exit code as the result.
// Never: runs in the process that runs workers: it is synchronous and cannot be stopped.

export async function runRipgrepChild(args: readonly string[]): Promise<number> {
  const { ripgrep } = await import('ripgrep');
  const { code } = await ripgrep([...args], { env: {}, preopens: { '.': process.cwd() } });
  return code;
}
