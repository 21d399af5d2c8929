// Owns: the entry: hands the arguments to the CLI and ends with its exit code.
// Promises: everything written has left the process before it ends; nothing that idles (a kept connection) holds it up.
import { processIo } from './cli/io.ts';
import { runCli } from './cli/root.ts';
import { liftRequestLimit } from './many-requests.ts';

const [first, ...rest] = process.argv.slice(2);
liftRequestLimit(process.argv.slice(2));
// The search tool starts this very program again where there is no ripgrep.
if (first === '__rg') process.exit(await (await import('./tools/ripgrep-child.ts')).runRipgrepChild(rest));
// WebFetch converts pages in this very program started again.
if (first === '__html') process.exit(await (await import('./tools/html-child.ts')).runHtmlChild());
process.exit(await runCli(process.argv.slice(2), processIo()));
