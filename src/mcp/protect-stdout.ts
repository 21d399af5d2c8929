// Owns: the purity of stdout while it carries JSON-RPC.
// Promises: whatever a dependency prints through `console` goes to stderr; a closed stderr ends nothing.
// Never: touches process.stdout itself: that is the transport's.
import console from 'node:console';
import process from 'node:process';

const printers = [
  'log',
  'info',
  'debug',
  'table',
  'dir',
  'dirxml',
  'group',
  'groupCollapsed',
  'count',
  'timeEnd',
  'timeLog',
] as const;

/** Call before anything else runs, once a process. */
export function protectStdout(target: Pick<typeof console, (typeof printers)[number] | 'error'> = console): void {
  const print = target.error.bind(target);
  for (const name of printers) target[name] = (...values: unknown[]) => print(...values);
  process.stderr.on('error', ignore);
}

function ignore(): void {
  // The host closed our stderr: there is nobody left to tell.
}
