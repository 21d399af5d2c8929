// Owns: `node scripts/with-bun.mjs script.ts ...`: a TypeScript script of this folder on the checkout's bun.
// Promises: arguments and exit code pass through.
// Never: installs anything.
import { root, runBun } from './run-bun.mjs';

process.exitCode = await runBun(process.argv.slice(2), { cwd: root });
