// Owns: what becomes of an error that nobody caught while the server runs.
// Promises: it is logged with its stack, and the server goes on: one broken call must not take twenty workers with it.
// Never: hides it; handles the errors of stdin and stdout, which end the server in order (stdio.ts).
import process from 'node:process';

export function surviveUncaught(log: (line: string) => void): void {
  const report = (thrown: unknown) => {
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    log(`Internal error, please report it; the server goes on. ${what}`);
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
}
