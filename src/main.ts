// Owns: the entry: hands the arguments to the CLI and sets the exit code.
import { version } from './version.ts';

process.stdout.write(`${version}\n`);
